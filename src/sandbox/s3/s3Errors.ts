import type { ServerResponse } from 'node:http';
import { ServiceError } from '../http/http.ts';
import { buildXml } from './xml.ts';

/** Answers an error as S3 does: XML, or nothing but the status where a HEAD was asked. */
export function sendS3Error(response: ServerResponse, requestId: string, error: unknown): void {
  const { status, code, message, details } =
    error instanceof ServiceError
      ? error
      : new ServiceError(500, 'InternalError', 'We encountered an internal error. Please try again.');
  setS3Ids(response, requestId);
  if (response.req.method === 'HEAD') {
    sendEmpty(response, status);
    return;
  }
  const [resource = ''] = (response.req.url ?? '').split('?');
  const fields = {
    Code: code,
    Message: message,
    ...details,
    Resource: resource,
    RequestId: requestId,
    HostId: hostId,
  };
  const xml = buildXml('Error', fields, '');
  response
    .writeHead(status, { 'Content-Type': 'application/xml', 'Content-Length': Buffer.byteLength(xml) })
    .end(xml);
}

const hostId = 'sandbox';

/** Answers with no more than a status and the headers that are set. */
export function sendEmpty(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}

/** The headers by which AWS knows a request again. */
export function setS3Ids(response: ServerResponse, requestId: string): void {
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('x-amz-id-2', hostId);
}

export const invalidArgument = (message: string): ServiceError =>
  new ServiceError(400, 'InvalidArgument', message);
export const invalidRequest = (message: string): ServiceError =>
  new ServiceError(400, 'InvalidRequest', message);
export const notImplemented = (what: string): ServiceError =>
  new ServiceError(501, 'NotImplemented', `The sandbox's S3 has no ${what}.`);
