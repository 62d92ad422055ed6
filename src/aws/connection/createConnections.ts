import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { AudienceError, cancelled, throwIfCancelled } from '../../errors.ts';
import { Emitter } from '../../events.ts';
import type { Log } from '../../log.ts';
import { shellWord } from '../../shellWord.ts';
import { readIdentity } from './callerIdentity.ts';
import type { ClientSettings, Endpoints } from './clients.ts';
import type { Connection, Connections, ConnectionSettings, Identity } from './connection.ts';
import type { ProxyVariables, RequestWay } from './proxy.ts';
import { requestWay } from './proxy.ts';
import { unencryptedHost } from './serviceUrl.ts';
import type { Section, Sections } from './sharedConfig.ts';
import { profileName, profileNames, readProfiles, ssoSessionOf } from './sharedConfig.ts';
import type { SignInPage } from './ssoSignIn.ts';
import { getOwn } from '../../ownMember.ts';

interface ConnectionsOptions {
  readonly log: Log;
  /**
   * The environment that names proxies. Absent where requests are led through them anyway, as in VS Code: by its settings
   * or HTTPS_PROXY, with its own sign-in.
   */
  readonly proxies?: ProxyVariables | undefined;
  /** Asks for the code of an MFA device; `undefined` if the user does not want to tell it. Absent where nobody can be asked. */
  readonly mfaCode?: ((serial: string) => Promise<string | undefined>) | undefined;
  /** Asked before anything is sent to hosts unencrypted; resolves with true where the user doesn't want that. */
  readonly refusesUnencrypted?: ((hosts: readonly string[]) => Promise<boolean>) | undefined;
}

/** Makes connections by the AWS SDK's own means. Loads the SDK when it is first needed. */
export function createConnections(options: ConnectionsOptions): Connections {
  return new SdkConnections(options);
}

class SdkConnections implements Connections {
  readonly #options: ConnectionsOptions;
  readonly #changed = new Emitter<Connection | undefined>();
  readonly onDidChange = this.#changed.event;
  readonly #signInChanged = new Emitter<AudienceError | undefined>();
  readonly onDidChangeSignIn = this.#signInChanged.event;
  /** How each connection asks the service who it is. */
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
    const connection = await abandonable(this.#open(settings), signal);
    // Somebody connected to something else, or disconnected, meanwhile.
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
      await requestWay(getOwn(profiles, name) ?? {}, this.#options.proxies),
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
      this.#options.log.debug(`The credentials are not taken: ${codeOf(error)}`);
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

  #setSignInNeeded(trouble: AudienceError | undefined): void {
    // Only the first error is reported; the following ones say the same.
    if ((trouble === undefined) === (this.#signInNeeded === undefined)) return;
    this.#signInNeeded = trouble;
    this.#options.log.info(
      trouble === undefined ? 'The credentials are taken' : 'The credentials are not taken',
    );
    this.#signInChanged.fire(trouble);
  }

  async #open(settings: ConnectionSettings): Promise<Connection> {
    const profiles = await readProfiles();
    const { log } = this.#options;
    if (settings.profile !== undefined && getOwn(profiles, settings.profile) === undefined) {
      throw new AudienceError('bad-input', `Unknown AWS profile: ${settings.profile}`, {
        help: 'Choose a profile of the shared AWS config and credentials files, or create it with "aws configure".',
      });
    }
    const name = profileName(settings.profile);
    const profile = getOwn(profiles, name) ?? {};
    const region = settings.region ?? configuredRegion(profile);
    if (region === undefined) {
      throw new AudienceError('bad-input', `No region is set for the AWS profile: ${name}`, {
        help: 'Choose a region when connecting, set "pinpointAudience.connection.region" or AWS_REGION, or give the profile a region.',
      });
    }
    const endpoints = endpointsOf(settings.endpointUrl) ?? configuredEndpoints(profile, profiles);
    const hosts = [...new Set(Object.values(endpoints).map(unencryptedHost))].filter(
      (host) => host !== undefined,
    );
    for (const host of hosts) {
      log.warn(
        `Not encrypted: files and answers can be read and changed on the way to ${host}. Use an https:// URL`,
      );
    }
    if (hosts.length > 0 && (await this.#options.refusesUnencrypted?.(hosts)) === true) throw cancelled();
    const [
      { Clients, GetCallerIdentityCommand },
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
    const way = await requestWay(profile, this.#options.proxies);
    const clients = new Clients({
      region,
      endpoints,
      profile: settings.profile,
      credentials: await this.#credentials(settings, region, way, endpoints.sts),
      signIn: signInHelp(name, profiles),
      way,
      log,
      onCredentials: (trouble) => {
        const isCurrent = this.#current !== undefined && this.#identify.get(this.#current) === identify;
        if (isCurrent) this.#setSignInNeeded(trouble);
      },
    });
    const who = settings.credentials === undefined ? `the AWS profile ${name}` : 'the given keys';
    const asked = { service: 'identity', doing: `sign in with ${who}` } as const;
    const identify = () => clients.ask(asked, ({ sts }) => sts.send(new GetCallerIdentityCommand({})));
    const caller = await identify();
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
    way: RequestWay,
    stsEndpoint: string | undefined,
  ): Promise<ClientSettings['credentials']> {
    const given = settings.credentials;
    if (given !== undefined) return () => () => Promise.resolve(given);
    const { fromNodeProviderChain, getDefaultRoleAssumer, getDefaultRoleAssumerWithWebIdentity } =
      await import('./clients.ts');
    // By itself the SDK would ask AWS for a role, whatever endpoint was chosen.
    const sts = {
      region,
      requestHandler: way,
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
        clientConfig: { region, requestHandler: way },
        roleAssumer: getDefaultRoleAssumer(sts),
        roleAssumerWithWebIdentity: getDefaultRoleAssumerWithWebIdentity(sts),
        mfaCodeProvider: async (serial) => {
          if (mfaCode === undefined) throw codeNeeded(signInElsewhere(settings.profile));
          if (declined) throw codeNeeded('Run "Pinpoint Audience: Sign In" to be asked for it.');
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
 * The endpoints that the environment or the profile names (AWS SDKs and Tools reference guide, feature-ss-endpoints).
 * The SDK would read them for the profile of the environment only, not for the one that was chosen.
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

/** One endpoint for every service, where one is given. */
function endpointsOf(given: string | undefined): Endpoints | undefined {
  if (given === undefined) return undefined;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:')
    return { pinpoint: given, s3: given, sts: given, iam: given, kms: given };
  throw new AudienceError('bad-input', `Not a service URL: ${given}`, {
    help: 'Write it as http://127.0.0.1:4577 or https://host.',
  });
}

function signInHelp(name: string, profiles: Sections): string | undefined {
  if (ssoSessionOf(name, profiles) === undefined) return undefined;
  return `Run "Pinpoint Audience: Sign In", or: aws sso login --profile ${shellWord(name)}`;
}

function signInElsewhere(profile: string | undefined): string {
  const of = profile === undefined ? '' : ` --profile ${shellWord(profile)}`;
  return `Nobody can be asked for it here. Take keys over that are good for a while: eval "$(aws configure export-credentials${of} --format env)".`;
}

function codeNeeded(help: string): AudienceError {
  return new AudienceError('credentials', 'Could not sign in: the code of the MFA device is needed', {
    help,
  });
}

function codeOf(error: unknown): string {
  return error instanceof AudienceError ? error.code : 'unexpected';
}

/** The same for every session of a role: the name of a session changes with each sign-in. */
function connectionId({ account, arn, region }: Identity, endpointUrl: string | undefined): string {
  const who = arn.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1');
  return createHash('sha256')
    .update(JSON.stringify([account, who, region, endpointUrl ?? '']))
    .digest('hex')
    .slice(0, 16);
}

/** Lets go of `work` once `signal` is aborted. */
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
