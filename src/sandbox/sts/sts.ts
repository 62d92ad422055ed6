import type { Keyring } from './credentials.ts';
import type { Principal, ServiceHandler } from '../http/http.ts';
import { ServiceError } from '../http/http.ts';
import { readParameters, sendQueryError, sendResult } from '../http/query.ts';
import type { XmlValue } from '../s3/xml.ts';
import { getOwn } from '../../ownMember.ts';

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

interface Action {
  readonly principal: Principal;
  readonly parameters: URLSearchParams;
}

/**
 * The parts of the Security Token Service that clients need to identify themselves: GetCallerIdentity, GetSessionToken and
 * AssumeRole. Any role of any account can be assumed. MFA codes are valid if they have six digits and aren't 000000.
 */
export function createSts(keyring: Keyring, account: string): ServiceHandler {
  const actions: Record<string, (action: Action) => XmlValue> = {
    GetCallerIdentity: ({ principal }) => ({
      Arn: principal.arn,
      UserId: principal.userId,
      Account: account,
    }),

    GetSessionToken: ({ principal, parameters }) => {
      checkMfa(parameters);
      return { Credentials: issue(keyring, principal, readSeconds(parameters, 43_200, 129_600)) };
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
      return {
        Credentials: issue(keyring, principal, readSeconds(parameters, 3600, 43_200)),
        AssumedRoleUser: { Arn: principal.arn, AssumedRoleId: principal.userId },
      };
    },
  };

  return {
    service: 'sts',

    async handle(request, response) {
      const parameters = await readParameters(request);
      const name = parameters.get('Action') ?? '';
      const action = getOwn(actions, name);
      if (action === undefined) {
        const known = Object.keys(actions).join(', ');
        throw new ServiceError(400, 'InvalidAction', `The sandbox's STS serves ${known}, but not '${name}'.`);
      }
      sendResult(response, request.id, name, namespace, action({ principal: request.principal, parameters }));
    },

    sendError: (response, requestId, error) => sendQueryError(response, requestId, namespace, error),
  };
}

function read(parameters: URLSearchParams, name: string, form: RegExp): string {
  const value = parameters.get(name);
  if (value === null || !form.test(value)) {
    throw new ServiceError(400, 'ValidationError', `${name} is missing or doesn't match ${form.source}`);
  }
  return value;
}

function readSeconds(parameters: URLSearchParams, defaultSeconds: number, maxSeconds: number): number {
  const seconds = Number(parameters.get('DurationSeconds') ?? defaultSeconds);
  if (Number.isInteger(seconds) && seconds >= 900 && seconds <= maxSeconds) return seconds;
  throw new ServiceError(400, 'ValidationError', `DurationSeconds must be between 900 and ${maxSeconds}.`);
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

function issue(keyring: Keyring, principal: Principal, seconds: number): XmlValue {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = keyring.issue(principal, seconds);
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration.toISOString(),
  };
}
