import type { ServerResponse } from 'node:http';
import { ServiceError } from '../http/http.ts';
import { buildXml } from './xml.ts';

/** Sends an error as S3 does: XML, or only the status for HEAD requests. */
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

/** Sends a status and the headers that are set, without a body. */
export function sendEmpty(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}

/** Sets the headers that identify a request for AWS. */
export function setS3Ids(response: ServerResponse, requestId: string): void {
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('x-amz-id-2', hostId);
}

/** @param argument name and value, unless the error isn't about one argument */
export const invalidArgument = (
  message: string,
  ...argument: readonly [name: string, value: string | number] | readonly []
): ServiceError => {
  const [ArgumentName, ArgumentValue] = argument;
  const details = ArgumentName === undefined ? {} : { ArgumentName, ArgumentValue: ArgumentValue! };
  return new ServiceError(400, 'InvalidArgument', message, details);
};
export const invalidRequest = (message: string): ServiceError =>
  new ServiceError(400, 'InvalidRequest', message);
export const aclNotSupported = (): ServiceError =>
  new ServiceError(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs');
export const notImplemented = (what: string): ServiceError =>
  new ServiceError(501, 'NotImplemented', `The sandbox's S3 doesn't support ${what}.`);
