import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { AudienceError, cancelled, throwIfCancelled } from '../../errors.ts';
import { Emitter } from '../../events.ts';
import type { Log } from '../../log.ts';
import { shellWord } from '../../shellWord.ts';
import { readIdentity } from './callerIdentity.ts';
import type { ClientSettings, Endpoints } from './clients.ts';
import type { Connection, Connections, ConnectionSettings, Identity } from './connection.ts';
import type { ProxyVariables, TransportOptions } from './proxy.ts';
import { transportOptions } from './proxy.ts';
import { unencryptedHost } from './serviceUrl.ts';
import type { Section, Sections } from './sharedConfig.ts';
import { profileName, profileNames, readProfiles, ssoSessionOf } from './sharedConfig.ts';
import type { SignInPage } from './ssoSignIn.ts';
import { getOwn } from '../../ownMember.ts';

interface ConnectionsOptions {
  readonly log: Log;
  /** The environment with proxy variables. Absent if requests use proxies anyway, as in VS Code, which also signs in to them. */
  readonly proxies?: ProxyVariables | undefined;
  /** Asks for the code of an MFA device; `undefined` if the user declines. Absent if there is no user to ask. */
  readonly mfaCode?: ((serial: string) => Promise<string | undefined>) | undefined;
  /** Called before anything is sent to hosts unencrypted; resolves with true if the user declines. */
  readonly refusesUnencrypted?: ((hosts: readonly string[]) => Promise<boolean>) | undefined;
}

/** Connects with the AWS SDK, which is loaded on first use. */
export function createConnections(options: ConnectionsOptions): Connections {
  return new SdkConnections(options);
}

class SdkConnections implements Connections {
  readonly #options: ConnectionsOptions;
  readonly #changed = new Emitter<Connection | undefined>();
  readonly onDidChange = this.#changed.event;
  readonly #signInChanged = new Emitter<AudienceError | undefined>();
  readonly onDidChangeSignIn = this.#signInChanged.event;
  /** Calls GetCallerIdentity with a connection. */
  readonly #identify = new WeakMap<Connection, () => Promise<unknown>>();
  #current: Connection | undefined;
  #signInNeeded: AudienceError | undefined;
  #attempt = 0;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  get current(): Connection | undefined {
    return this.#current;
  }

  async connect(settings: ConnectionSettings, signal?: AbortSignal): Promise<Connection> {
    throwIfCancelled(signal);
    const attempt = ++this.#attempt;
    const connection = await abandonable(this.#open(settings, signal), signal);
    // The user connected to something else, or disconnected, in the meantime.
    if (attempt !== this.#attempt) throw cancelled();
    this.#current = connection;
    this.#setSignInNeeded(undefined);
    this.#options.log.info(`Connected to ${connection.identity.account} in ${connection.identity.region}`);
    this.#changed.fire(connection);
    return connection;
  }

  disconnect(): void {
    this.#attempt += 1;
    if (this.#current === undefined) return;
    this.#current = undefined;
    this.#setSignInNeeded(undefined);
    this.#changed.fire(undefined);
  }

  async profiles(): Promise<readonly string[]> {
    return profileNames(await readProfiles());
  }

  async regionOf(profile: string | undefined): Promise<string | undefined> {
    return configuredRegion(getOwn(await readProfiles(), profileName(profile)) ?? {});
  }

  get signInNeeded(): AudienceError | undefined {
    return this.#signInNeeded;
  }

  async signIn(
    settings: ConnectionSettings,
    show: (page: SignInPage) => unknown,
    signal?: AbortSignal,
  ): Promise<boolean> {
    if (settings.credentials !== undefined) return false;
    const name = profileName(settings.profile);
    const profiles = await readProfiles();
    const session = ssoSessionOf(name, profiles);
    if (session === undefined) return false;
    const { signInToSso } = await import('./ssoSignIn.ts');
    await signInToSso(
      session,
      await transportOptions(getOwn(profiles, name) ?? {}, this.#options.proxies),
      show,
      signal,
    );
    return true;
  }

  async check(): Promise<boolean> {
    const connection = this.#current;
    if (connection === undefined) return false;
    try {
      await this.#identify.get(connection)!();
      return true;
    } catch (error) {
      this.#options.log.debug(`The credentials were rejected: ${codeOf(error)}`);
      return false;
    }
  }

  async credentialFiles(): Promise<readonly string[]> {
    const { getHomeDir, getSSOTokenFilepath } = await import('@smithy/shared-ini-file-loader');
    const ofHome = (name: string): string => join(getHomeDir(), '.aws', name);
    const session = ssoSessionOf(profileName(this.#current?.settings.profile), await readProfiles());
    return [
      process.env['AWS_CONFIG_FILE'] || ofHome('config'),
      process.env['AWS_SHARED_CREDENTIALS_FILE'] || ofHome('credentials'),
      ...(session === undefined ? [] : [getSSOTokenFilepath(session.cacheKey)]),
    ];
  }

  #setSignInNeeded(problem: AudienceError | undefined): void {
    // Only the first error is reported; later ones are the same.
    if ((problem === undefined) === (this.#signInNeeded === undefined)) return;
    this.#signInNeeded = problem;
    this.#options.log.info(
      problem === undefined ? 'The credentials are accepted' : 'The credentials were rejected',
    );
    this.#signInChanged.fire(problem);
  }

  async #open(settings: ConnectionSettings, signal: AbortSignal | undefined): Promise<Connection> {
    const profiles = await readProfiles();
    const { log } = this.#options;
    if (settings.profile !== undefined && getOwn(profiles, settings.profile) === undefined) {
      throw new AudienceError('bad-input', `Unknown AWS profile: ${settings.profile}`, {
        help: 'Choose a profile from the shared AWS config and credentials files, or create one with "aws configure".',
      });
    }
    const name = profileName(settings.profile);
    const profile = getOwn(profiles, name) ?? {};
    const region = settings.region ?? configuredRegion(profile);
    if (region === undefined) {
      throw new AudienceError('bad-input', `No region is set for the AWS profile: ${name}`, {
        help: 'Choose a region when connecting, set "pinpointAudience.connection.region" or AWS_REGION, or add a region to the profile.',
      });
    }
    const endpoints = endpointsOf(settings.endpointUrl) ?? configuredEndpoints(profile, profiles);
    const urls = Object.values(endpoints).filter((url) => url !== undefined);
    urls.forEach(checkServiceUrl);
    const hosts = [...new Set(urls.map(unencryptedHost))].filter((host) => host !== undefined);
    for (const host of hosts) {
      log.warn(
        `Not encrypted: files and responses can be read and changed on the way to ${host}. Use an https:// URL`,
      );
    }
    if (hosts.length > 0 && (await this.#options.refusesUnencrypted?.(hosts)) === true) throw cancelled();
    const [
      { Clients, GetCallerIdentityCommand, sending },
      { PinpointAudience },
      { PinpointEndpoints },
      { PinpointSegments },
      { S3Staging },
    ] = await Promise.all([
      import('./clients.ts'),
      import('../pinpoint/pinpointAudience.ts'),
      import('../pinpoint/pinpointEndpoints.ts'),
      import('../pinpoint/pinpointSegments.ts'),
      import('../s3/s3Staging.ts'),
    ]);
    const transport = await transportOptions(profile, this.#options.proxies);
    const clients = new Clients({
      region,
      endpoints,
      profile: settings.profile,
      credentials: await this.#credentials(settings, region, transport, endpoints.sts),
      signIn: signInHelp(name, profiles),
      transport,
      log,
      onCredentials: (problem) => {
        const isCurrent = this.#current !== undefined && this.#identify.get(this.#current) === identify;
        if (isCurrent) this.#setSignInNeeded(problem);
      },
    });
    const who = settings.credentials === undefined ? `the AWS profile ${name}` : 'the given keys';
    const info = { service: 'identity', doing: `sign in with ${who}` } as const;
    const identify = (options = {}) =>
      clients.ask(info, ({ sts }) => sts.send(new GetCallerIdentityCommand({}), options));
    const caller = await identify(sending(signal));
    const identity = readIdentity(caller, region);
    const connection: Connection = {
      id: connectionId(identity, endpoints.pinpoint),
      // Never the credentials.
      chosen: { profile: settings.profile, region: settings.region, endpointUrl: settings.endpointUrl },
      settings: { profile: settings.profile, region, endpointUrl: endpoints.pinpoint },
      identity,
      audience: new PinpointAudience(clients),
      endpoints: new PinpointEndpoints(clients),
      segments: new PinpointSegments(clients),
      staging: new S3Staging(clients),
      setup: async () => (await import('../iam/setupAdapters.ts')).createSetupServices(clients),
    };
    this.#identify.set(connection, identify);
    return connection;
  }

  async #credentials(
    settings: ConnectionSettings,
    region: string,
    transport: TransportOptions,
    stsEndpoint: string | undefined,
  ): Promise<ClientSettings['credentials']> {
    const given = settings.credentials;
    if (given !== undefined) return () => () => Promise.resolve(given);
    const {
      boundedResponses,
      fromNodeProviderChain,
      getDefaultRoleAssumer,
      getDefaultRoleAssumerWithWebIdentity,
    } = await import('./clients.ts');
    // By default, the SDK would assume roles at AWS, whatever endpoint was chosen.
    const sts = {
      region,
      requestHandler: transport,
      ignoreConfiguredEndpointUrls: true,
      ...(stsEndpoint !== undefined && { endpoint: stsEndpoint }),
    };
    const { log, mfaCode } = this.#options;
    // After a declined prompt, background work doesn't ask again; only a new connection does.
    let declined = false;
    return () =>
      fromNodeProviderChain({
        ...(settings.profile !== undefined && { profile: settings.profile }),
        ignoreCache: true,
        clientConfig: { region, requestHandler: transport },
        roleAssumer: getDefaultRoleAssumer(sts, [boundedResponses()]),
        roleAssumerWithWebIdentity: getDefaultRoleAssumerWithWebIdentity(sts, [boundedResponses()]),
        mfaCodeProvider: async (serial) => {
          if (mfaCode === undefined) throw codeNeeded(signInElsewhere(settings.profile));
          if (declined) throw codeNeeded('Run "Pinpoint Audience: Sign In" to be info for it.');
          const code = await mfaCode(serial);
          declined = code === undefined;
          if (code === undefined) throw cancelled();
          return code;
        },
        // The SDK's other levels log files and tokens.
        logger: {
          trace: () => undefined,
          debug: () => undefined,
          info: () => undefined,
          warn: (text: unknown) => log.warn(String(text)),
          error: (text: unknown) => log.error(String(text)),
        },
      });
  }
}

function configuredRegion(profile: Section): string | undefined {
  return process.env['AWS_REGION'] || process.env['AWS_DEFAULT_REGION'] || profile['region'] || undefined;
}

/**
 * The endpoints in the environment or the profile (AWS SDKs and Tools reference guide, feature-ss-endpoints). The SDK reads them
 * only for the profile in the environment, not for the chosen one.
 */
function configuredEndpoints(profile: Section, profiles: Sections): Endpoints {
  const ignored =
    process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] ?? profile['ignore_configured_endpoint_urls'];
  if (ignored === 'true') return {};
  const services = profiles[`services.${profile['services'] ?? ''}`];
  const find = (service: keyof Endpoints): string | undefined =>
    process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ??
    process.env['AWS_ENDPOINT_URL'] ??
    services?.[`${service}.endpoint_url`] ??
    profile['endpoint_url'];
  return { pinpoint: find('pinpoint'), s3: find('s3'), sts: find('sts'), iam: find('iam'), kms: find('kms') };
}

/** A given endpoint, for every service. */
function endpointsOf(given: string | undefined): Endpoints | undefined {
  return given === undefined ? undefined : { pinpoint: given, s3: given, sts: given, iam: given, kms: given };
}

/** @throws AudienceError `bad-input` if a URL isn't one of a service; it isn't quoted, since it may hold a password */
function checkServiceUrl(given: string): void {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isPlain =
    url !== undefined && [url.username, url.password, url.search, url.hash].every((part) => part === '');
  if (isPlain && ['http:', 'https:'].includes(url.protocol)) return;
  throw new AudienceError('bad-input', 'Not a service URL', {
    help: 'Write it as http://127.0.0.1:4577 or https://host, without a user name, query or fragment.',
  });
}

function signInHelp(name: string, profiles: Sections): string | undefined {
  if (ssoSessionOf(name, profiles) === undefined) return undefined;
  return `Run "Pinpoint Audience: Sign In", or: aws sso login --profile ${shellWord(name)}`;
}

function signInElsewhere(profile: string | undefined): string {
  const of = profile === undefined ? '' : ` --profile ${shellWord(profile)}`;
  return `It can't be entered here. Export temporary keys instead: eval "$(aws configure export-credentials${of} --format env)".`;
}

function codeNeeded(help: string): AudienceError {
  return new AudienceError('credentials', 'Could not sign in: the MFA device code is required', {
    help,
  });
}

function codeOf(error: unknown): string {
  return error instanceof AudienceError ? error.code : 'unexpected';
}

/** The same for all sessions of a role: the session name changes with each sign-in. */
function connectionId({ account, arn, region }: Identity, endpointUrl: string | undefined): string {
  const who = arn.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1');
  return createHash('sha256')
    .update(JSON.stringify([account, who, region, endpointUrl ?? '']))
    .digest('hex')
    .slice(0, 16);
}

/** Rejects as soon as `signal` is aborted, without waiting for `work`. */
async function abandonable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let stop: (() => void) | undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => reject(cancelled());
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop!);
    work.catch(() => undefined);
  }
}
