import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateTokenCommandOutput } from '@aws-sdk/client-sso-oidc';
import {
  AuthorizationPendingException,
  CreateTokenCommand,
  RegisterClientCommand,
  SlowDownException,
  SSOOIDCClient,
  StartDeviceAuthorizationCommand,
} from '@aws-sdk/client-sso-oidc';
import { getSSOTokenFilepath } from '@smithy/shared-ini-file-loader';
import { AudienceError, cancelled, throwIfCancelled } from '../../errors.ts';
import { fileError } from '../../fileErrors.ts';
import { makeFolder, rename, rm } from '../../fileOperations.ts';
import type { TransportOptions } from './proxy.ts';
import type { SsoSession } from './sharedConfig.ts';
import { serviceError } from './serviceErrors.ts';
import { privateFile, privateFolder } from '../../permissions.ts';

/** What to show to the user: the page to sign in, and the code that it must show. */
export interface SignInPage {
  readonly url: string;
  readonly code: string;
}

/** Default polling interval in seconds, and its increase after "slow down" (RFC 8628, 3.5). */
const defaultInterval = 5;
/** Longest interval in seconds that is waited for, whatever the response says. */
const maxInterval = 60;
const clientName = 'pinpoint-audience';
const grantType = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * Signs in to IAM Identity Center in a browser with the device flow (RFC 8628), which needs no local port and so works in remote
 * windows, too. The token is stored only in the AWS CLI's shared cache, in its format, as `aws sso login` does: SDKs, the CLI and
 * other windows find it there.
 *
 * @throws AudienceError `credentials` if the user declines or takes too long; `cancelled`
 */
export async function signInToSso(
  session: SsoSession,
  transport: TransportOptions,
  show: (page: SignInPage) => unknown,
  signal?: AbortSignal,
): Promise<void> {
  const client = new SSOOIDCClient({
    region: session.region,
    requestHandler: transport,
    credentials: () => Promise.resolve({ accessKeyId: '', secretAccessKey: '' }),
  });
  const options = signal === undefined ? {} : { abortSignal: signal };
  try {
    const { clientId, clientSecret, clientSecretExpiresAt } = await client.send(
      new RegisterClientCommand({
        clientName,
        clientType: 'public',
        ...(session.scopes !== undefined && { scopes: [...session.scopes] }),
      }),
      options,
    );
    const app = { clientId, clientSecret };
    const device = await client.send(
      new StartDeviceAuthorizationCommand({ ...app, startUrl: session.startUrl }),
      options,
    );
    const url = device.verificationUriComplete ?? device.verificationUri;
    if (url === undefined) throw new AudienceError('service', 'IAM Identity Center returned no sign-in page');
    throwIfCancelled(signal);
    await show({ url, code: device.userCode ?? '' });

    let interval = device.interval ?? defaultInterval;
    for (;;) {
      await sleep(Math.min(Math.max(interval, 1), maxInterval) * 1000, undefined, { signal }).catch(() => {
        throw cancelled();
      });
      try {
        const input = { ...app, grantType, deviceCode: device.deviceCode };
        const token = await client.send(new CreateTokenCommand(input), options);
        const registration = { ...app, expires: clientSecretExpiresAt };
        await storeToken(session, token, registration);
        return;
      } catch (error) {
        if (error instanceof SlowDownException) interval += defaultInterval;
        else if (!(error instanceof AuthorizationPendingException)) throw error;
      }
    }
  } catch (error) {
    throw serviceError(error, { service: 'identity', doing: 'sign in to IAM Identity Center' });
  } finally {
    client.destroy();
  }
}

interface Registration {
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  /** Seconds since 1970. */
  readonly expires: number | undefined;
}

/** Stores the token in the AWS CLI's format; with refresh data only if the session supports refreshing. */
async function storeToken(
  { startUrl, region, cacheKey, scopes }: SsoSession,
  { accessToken, expiresIn = 0, refreshToken }: CreateTokenCommandOutput,
  registration: Registration,
): Promise<void> {
  if (accessToken === undefined) throw new AudienceError('service', 'IAM Identity Center returned no token');
  const expiresAt = asTime(Date.now() + expiresIn * 1000);
  const refresh = {
    clientId: registration.clientId,
    clientSecret: registration.clientSecret,
    registrationExpiresAt: asTime((registration.expires ?? 0) * 1000),
    refreshToken,
  };
  const token = { startUrl, region, accessToken, expiresAt, ...(scopes !== undefined && refresh) };
  const path = getSSOTokenFilepath(cacheKey);
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await makeFolder(dirname(path), privateFolder);
    await writeFile(temporary, JSON.stringify(token), { mode: privateFile });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(error, 'write the token to the cache of the AWS CLI', path);
  }
}

/** ISO 8601 without milliseconds, which the AWS CLI expects. */
function asTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
