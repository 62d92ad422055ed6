import type { ServerResponse } from 'node:http';
import { readAll } from './body.ts';
import type { Keyring } from './credentials.ts';
import type { Principal, SandboxRequest, ServiceHandler } from './http.ts';
import { ServiceError } from './http.ts';

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

interface Action {
  readonly principal: Principal;
  readonly parameters: URLSearchParams;
}

/**
 * The Security Token Service as far as a client needs it to say who it is: GetCallerIdentity, GetSessionToken and AssumeRole.
 * Any role of any account may be assumed. Where a call names an MFA device, any code of six digits but 000000 is right.
 */
export function createSts(keyring: Keyring, account: string): ServiceHandler {
  const actions: Record<string, (action: Action) => string> = {
    GetCallerIdentity: ({ principal }) =>
      element('Arn', principal.arn) + element('UserId', principal.userId) + element('Account', account),

    GetSessionToken: ({ principal, parameters }) => {
      checkMfa(parameters);
      return credentialsXml(keyring, principal, readSeconds(parameters, 43_200, 129_600));
    },

    AssumeRole: ({ parameters }) => {
      const arn = read(parameters, 'RoleArn', /^arn:aws[a-z-]*:iam::\d{12}:role\/[\x21-\x7e]+$/);
      const session = read(parameters, 'RoleSessionName', /^[\w+=,.@-]{2,64}$/);
      checkMfa(parameters);
      const [, , , , roleAccount = account] = arn.split(':');
      const role = arn.slice(arn.lastIndexOf('/') + 1);
      const principal = {
        arn: `arn:aws:sts::${roleAccount}:assumed-role/${role}/${session}`,
        userId: `AROASANDBOXSANDBOX000:${session}`,
      };
      return (
        credentialsXml(keyring, principal, readSeconds(parameters, 3600, 43_200)) +
        element(
          'AssumedRoleUser',
          element('Arn', principal.arn) + element('AssumedRoleId', principal.userId),
          true,
        )
      );
    },
  };

  return {
    service: 'sts',

    async handle(request, response) {
      const parameters = await readParameters(request);
      const name = parameters.get('Action') ?? '';
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (action === undefined) {
        const known = Object.keys(actions).join(', ');
        throw new ServiceError(400, 'InvalidAction', `The sandbox's STS has ${known}, but no '${name}'.`);
      }
      const result = action({ principal: request.principal, parameters });
      const metadata = element('ResponseMetadata', element('RequestId', request.id), true);
      sendXml(
        response,
        200,
        request.id,
        `<${name}Response xmlns="${namespace}">${element(`${name}Result`, result, true)}${metadata}</${name}Response>`,
      );
    },

    sendError(response, requestId, error) {
      const { status, code, message } =
        error instanceof ServiceError
          ? error
          : new ServiceError(500, 'InternalFailure', 'The sandbox failed.');
      const type = element('Type', status < 500 ? 'Sender' : 'Receiver');
      sendXml(
        response,
        status,
        requestId,
        `<ErrorResponse xmlns="${namespace}">` +
          element('Error', type + element('Code', code) + element('Message', message), true) +
          `${element('RequestId', requestId)}</ErrorResponse>`,
      );
    },
  };
}

async function readParameters(request: SandboxRequest): Promise<URLSearchParams> {
  if (request.method !== 'POST') return request.query;
  return new URLSearchParams((await readAll(request.body as AsyncIterable<Buffer>)).toString());
}

function read(parameters: URLSearchParams, name: string, form: RegExp): string {
  const value = parameters.get(name);
  if (value === null || !form.test(value)) {
    throw new ServiceError(400, 'ValidationError', `${name} is missing or not of the form ${form.source}`);
  }
  return value;
}

function readSeconds(parameters: URLSearchParams, usual: number, most: number): number {
  const seconds = Number(parameters.get('DurationSeconds') ?? usual);
  if (Number.isInteger(seconds) && seconds >= 900 && seconds <= most) return seconds;
  throw new ServiceError(400, 'ValidationError', `DurationSeconds has to be between 900 and ${most}.`);
}

function checkMfa(parameters: URLSearchParams): void {
  const code = parameters.get('TokenCode');
  if (code === null && !parameters.has('SerialNumber')) return;
  if (code !== null && /^\d{6}$/.test(code) && code !== '000000') return;
  throw new ServiceError(
    403,
    'AccessDenied',
    'MultiFactorAuthentication failed with invalid MFA one time pass code.',
  );
}

function credentialsXml(keyring: Keyring, principal: Principal, seconds: number): string {
  const credentials = keyring.issue(principal, seconds);
  return element(
    'Credentials',
    element('AccessKeyId', credentials.accessKeyId) +
      element('SecretAccessKey', credentials.secretAccessKey) +
      element('SessionToken', credentials.sessionToken) +
      element('Expiration', credentials.expiration.toISOString()),
    true,
  );
}

function element(name: string, content: string, isXml = false): string {
  const escaped = isXml
    ? content
    : content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<${name}>${escaped}</${name}>`;
}

function sendXml(response: ServerResponse, status: number, requestId: string, xml: string): void {
  response.writeHead(status, { 'Content-Type': 'text/xml', 'x-amzn-RequestId': requestId }).end(xml);
}
