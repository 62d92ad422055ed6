import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { TestSandbox } from './sandbox.ts';

/** A person's browser, and what IAM Identity Center answers to the device flow: none runs on a machine of its own. */
export interface IdentityCenter {
  readonly endpoint: string;
  readonly startUrl: string;
  /** What the person does on the page; nothing yet where absent. */
  decision: 'allow' | 'deny' | 'too late' | undefined;
  /** Answers "slow down" to so many questions first. */
  impatience: number;
  /** Tokens that were given out, the latest last; each is good for an hour. */
  readonly tokens: string[];
  readonly secrets: string[];
  readonly asked: string[];
  close(): Promise<void>;
}

/** Starts one whose people may take on roles of a sandbox. */
export async function startIdentityCenter(sandbox: TestSandbox): Promise<IdentityCenter> {
  const state = {
    decision: undefined as IdentityCenter['decision'],
    impatience: 0,
    tokens: [] as string[],
    secrets: ['planted-client-secret', 'planted-refresh-token', 'planted-device-code'],
    asked: [] as string[],
  };
  const answers: Readonly<Record<string, (request: IncomingMessage, body: string) => unknown>> = {
    'POST /client/register': () => ({
      clientId: 'client',
      clientSecret: 'planted-client-secret',
      clientSecretExpiresAt: Math.floor(Date.now() / 1000) + 86_400,
    }),
    'POST /device_authorization': () => ({
      deviceCode: 'planted-device-code',
      userCode: 'ABCD-EFGH',
      verificationUri: 'https://example.com/device',
      verificationUriComplete: 'https://example.com/device?user_code=ABCD-EFGH',
      expiresIn: 600,
      interval: 1,
    }),
    'POST /token': () => {
      if (state.impatience > 0) {
        state.impatience -= 1;
        return refusal('SlowDownException', 'slow_down');
      }
      if (state.decision === undefined)
        return refusal('AuthorizationPendingException', 'authorization_pending');
      if (state.decision === 'deny') return refusal('AccessDeniedException', 'access_denied');
      if (state.decision === 'too late') return refusal('ExpiredTokenException', 'expired_token');
      const accessToken = `planted-sso-token-${state.tokens.length + 1}`;
      state.tokens.push(accessToken);
      return { accessToken, expiresIn: 3600, tokenType: 'Bearer', refreshToken: 'planted-refresh-token' };
    },
    'GET /federation/credentials': async ({ headers }) => {
      if (headers['x-amz-sso_bearer_token'] !== state.tokens.at(-1)) {
        return refusal('UnauthorizedException', 'the token is not valid', 401);
      }
      const { Credentials: made } = await sandbox.sts.send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${sandbox.account}:role/AWSReservedSSO_Sender`,
          RoleSessionName: 'ana',
        }),
      );
      return {
        roleCredentials: {
          accessKeyId: made!.AccessKeyId,
          secretAccessKey: made!.SecretAccessKey,
          sessionToken: made!.SessionToken,
          expiration: made!.Expiration!.getTime(),
        },
      };
    },
  };
  const server = createServer((request, response) => {
    const handle = async (): Promise<void> => {
      const { pathname } = new URL(request.url!, 'http://x');
      const name = `${request.method} ${pathname}`;
      state.asked.push(name);
      const answer = await answers[name]?.(request, await text(request));
      const refused = answer instanceof Refusal ? answer : undefined;
      response.writeHead(answer === undefined ? 404 : (refused?.status ?? 200), {
        'content-type': 'application/json',
        ...(refused && { 'x-amzn-errortype': refused.name }),
      });
      response.end(JSON.stringify(refused?.body ?? answer ?? {}));
    };
    handle().catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, {
    endpoint,
    startUrl: 'https://example.awsapps.com/start',
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

class Refusal {
  readonly name: string;
  readonly status: number;
  readonly body: unknown;

  constructor(name: string, status: number, body: unknown) {
    this.name = name;
    this.status = status;
    this.body = body;
  }
}

function refusal(name: string, error: string, status = 400): Refusal {
  return new Refusal(name, status, { error, error_description: error });
}
