import type { ServerResponse } from 'node:http';
import { readAll } from './body.ts';
import type { SandboxRequest } from './http.ts';
import { ServiceError } from './http.ts';
import type { XmlValue } from '../s3/xml.ts';
import { buildXml } from '../s3/xml.ts';

/** The Query protocol of STS and IAM: form parameters, XML responses. */

/** The parameters of a request, from its body or its query string. */
export async function readParameters(request: SandboxRequest): Promise<URLSearchParams> {
  if (request.method !== 'POST') return request.query;
  return new URLSearchParams((await readAll(request.body as AsyncIterable<Buffer>)).toString());
}

/** Sends `<ActionResponse>`, without `<ActionResult>` if `result` is undefined. */
export function sendResult(
  response: ServerResponse,
  requestId: string,
  action: string,
  namespace: string,
  result: XmlValue,
): void {
  const content = {
    [`${action}Result`]: result,
    ResponseMetadata: { RequestId: requestId },
  };
  send(response, 200, requestId, buildXml(`${action}Response`, content, ` xmlns="${namespace}"`));
}

export function sendQueryError(
  response: ServerResponse,
  requestId: string,
  namespace: string,
  error: unknown,
): void {
  const { status, code, message } =
    error instanceof ServiceError ? error : new ServiceError(500, 'InternalFailure', 'The sandbox failed.');
  const content = {
    Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message },
    RequestId: requestId,
  };
  send(response, status, requestId, buildXml('ErrorResponse', content, ` xmlns="${namespace}"`));
}

function send(response: ServerResponse, status: number, requestId: string, xml: string): void {
  response.writeHead(status, { 'Content-Type': 'text/xml', 'x-amzn-RequestId': requestId }).end(xml);
}
