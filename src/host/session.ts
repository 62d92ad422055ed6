import { AudienceError } from '../errors.ts';
import { Emitter, type Event } from '../events.ts';
import type { Connection, ConnectionSettings, Connections } from '../aws/connection/connection.ts';
import type { SignInPage } from '../aws/connection/ssoSignIn.ts';
import { setContext } from './contextKeys.ts';
import type { Memory } from './sessionMemory.ts';
import { parseSandboxAddress, type SandboxAddress, type SandboxProcess } from './sandboxProcess.ts';
import { connectionSettings } from './settings.ts';

type SessionState =
  | { readonly kind: 'none' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected'; readonly connection: Connection }
  | { readonly kind: 'failed'; readonly error: unknown };

/** The connection of this window: its settings and state, and how it resumes. */
export class Session {
  readonly #connections: Connections;
  /** For connections in addition to the current one. */
  readonly #secondary: Connections;
  readonly #sandbox: SandboxProcess;
  readonly #memory: Memory;
  readonly #onDidChange = new Emitter<SessionState>();
  readonly #subscriptions: { dispose(): void }[];
  /** A sandbox that the environment names, started by another process. */
  readonly #givenSandbox: SandboxAddress | undefined;
  #state: SessionState = { kind: 'none' };
  /** Service URL of the sandbox that this window started. */
  #ownEndpoint: string | undefined;
  #lastWanted: ConnectionSettings | undefined;
  #attempt = 0;
  #resuming: Promise<void> | undefined;

  constructor(
    { main, secondary }: { readonly main: Connections; readonly secondary: Connections },
    sandbox: SandboxProcess,
    memory: Memory,
    givenSandbox?: string,
  ) {
    this.#connections = main;
    this.#secondary = secondary;
    this.#sandbox = sandbox;
    this.#memory = memory;
    this.#givenSandbox = givenSandbox === undefined ? undefined : parseSandboxAddress(givenSandbox);
    this.#subscriptions = [
      main.onDidChange((connection) => {
        this.#set(connection ? { kind: 'connected', connection } : { kind: 'none' });
      }),
      sandbox.onDidChange((address) => {
        setContext('sandboxRunning', address !== undefined);
        const gone = address ? undefined : this.#ownEndpoint;
        this.#ownEndpoint = address?.endpoint;
        if (gone !== undefined && this.current?.settings.endpointUrl === gone) main.disconnect();
      }),
    ];
    setContext('connection', 'none');
  }

  readonly onDidChange: Event<SessionState> = this.#onDidChange.event;

  get state(): SessionState {
    return this.#state;
  }

  get current(): Connection | undefined {
    return this.#connections.current;
  }

  /** The current connection; throws `credentials` if there is none. */
  get required(): Connection {
    if (this.current) return this.current;
    throw new AudienceError('credentials', 'Not connected to Amazon Pinpoint', {
      help: 'Run "Pinpoint Audience: Connect…", or start the local sandbox.',
    });
  }

  /** True if connected to a sandbox: our own, or the one in the environment. */
  get isSandbox(): boolean {
    const endpoint = this.current?.settings.endpointUrl;
    return endpoint !== undefined && this.#sandboxes().some((known) => known.endpoint === endpoint);
  }

  profiles(): Promise<readonly string[]> {
    return this.#connections.profiles();
  }

  /** The region in the environment or the profile. */
  regionOf(profile: string | undefined): Promise<string | undefined> {
    return this.#connections.regionOf(profile);
  }

  /** Why the service rejects the credentials. The connection stays, and works again once they are renewed. */
  get signInNeeded(): AudienceError | undefined {
    return this.#connections.signInNeeded;
  }

  get onDidChangeSignIn(): Event<AudienceError | undefined> {
    return this.#connections.onDidChangeSignIn;
  }

  /** The settings with which this window connects, or tried to. */
  get wanted(): ConnectionSettings | undefined {
    return this.#lastWanted ?? this.current?.settings;
  }

  /**
   * Connects, after a sign-in in the browser if one is needed, which `show` opens.
   * `first` signs in before it tries: for credentials that are known to be rejected.
   */
  async connectSigningIn(
    wanted: ConnectionSettings,
    show: (page: SignInPage) => unknown,
    signal?: AbortSignal,
    first = false,
  ): Promise<Connection> {
    if (!first) {
      try {
        return await this.connect(wanted, signal);
      } catch (error) {
        if (!(error instanceof AudienceError) || error.code !== 'credentials') throw error;
        if (!(await this.#connections.signIn(wanted, show, signal))) throw error;
      }
    } else if (!(await this.#connections.check())) await this.#connections.signIn(wanted, show, signal);
    return this.connect(wanted, signal);
  }

  /** Connects and remembers the settings. Adds the keys of a known sandbox. On failure, an earlier connection stays. */
  async connect(wanted: ConnectionSettings, signal?: AbortSignal): Promise<Connection> {
    const settings = this.#withKeys(wanted);
    const attempt = ++this.#attempt;
    this.#lastWanted = wanted;
    this.#set({ kind: 'connecting' });
    try {
      const connection = await this.#connections.connect(settings, signal);
      this.#set({ kind: 'connected', connection });
      await this.#remember(settings);
      return connection;
    } catch (error) {
      if (attempt === this.#attempt) {
        const connection = this.current;
        this.#set(connection ? { kind: 'connected', connection } : { kind: 'failed', error });
      }
      throw error;
    }
  }

  /** Connects the same identity to another region. The current connection stays. */
  async inRegion(region: string, signal?: AbortSignal): Promise<Connection> {
    const { current } = this;
    const { chosen } = this.required;
    if (current && current.identity.region === region) return current;
    return this.#secondary.connect(this.#withKeys({ ...chosen, region }), signal);
  }

  async connectToSandbox(signal?: AbortSignal): Promise<Connection> {
    const address = await this.#sandbox.start(signal);
    return this.connect({ endpointUrl: address.endpoint, region: address.region }, signal);
  }

  async stopSandbox(): Promise<void> {
    if (this.current && this.current.settings.endpointUrl === this.#ownEndpoint) this.disconnect();
    await this.#sandbox.stop();
  }

  /** Ends the connection, and forgets it: the next window starts without one. */
  disconnect(): void {
    this.#attempt++;
    void this.#memory.set('connection.last', undefined);
    this.#connections.disconnect();
    this.#set({ kind: 'none' });
  }

  /** True if the environment names a sandbox, as `npm start` does: then a window connects at once. */
  get connectsAtStart(): boolean {
    return this.#givenSandbox !== undefined;
  }

  /** True if there is something to resume: an earlier connection of this workspace, settings, or a given sandbox. */
  get canResume(): boolean {
    const { profile, endpointUrl } = connectionSettings();
    const configured = profile !== undefined || endpointUrl !== undefined;
    return this.connectsAtStart || configured || this.#memory.get('connection.last') !== undefined;
  }

  /**
   * Connects with the last settings of this workspace, else with the configured ones. The views show failures.
   * A second call waits for the first.
   */
  async resume(): Promise<void> {
    if (this.#state.kind === 'none' && this.canResume)
      this.#resuming ??= this.#resume().finally(() => (this.#resuming = undefined));
    await this.#resuming;
  }

  /** True if the settings name a different connection from the current one. Settings that are empty match anything. */
  get settingsDiffer(): boolean {
    const { settings } = this.required;
    const { profile, region, endpointUrl } = connectionSettings();
    return (
      (profile ?? settings.profile) !== settings.profile ||
      (region ?? settings.region) !== settings.region ||
      (endpointUrl ?? settings.endpointUrl) !== settings.endpointUrl
    );
  }

  /** Uses the settings instead of the last connection of this workspace. A current connection stays. */
  async followSettings(): Promise<void> {
    await this.#memory.set('connection.last', undefined);
    this.#lastWanted = connectionSettings();
    if (this.current) return;
    this.#attempt++;
    this.#connections.disconnect();
    await this.#resuming;
    this.#set({ kind: 'none' });
  }

  /** Retries a failed connection. */
  async retry(): Promise<void> {
    if (this.#state.kind !== 'failed') return;
    await (this.#lastWanted ? this.connect(this.#lastWanted).catch(() => undefined) : this.#resume());
  }

  async #resume(): Promise<void> {
    const last = this.#memory.get('connection.last');
    try {
      if (this.#givenSandbox) await this.connect({ endpointUrl: this.#givenSandbox.endpoint });
      else if (last && 'sandbox' in last) await this.connectToSandbox();
      else await this.connect(last ?? connectionSettings());
    } catch (error) {
      if (this.#state.kind === 'none') this.#set({ kind: 'failed', error });
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#onDidChange.dispose();
  }

  /** Adds the keys of a known sandbox. */
  #withKeys(wanted: ConnectionSettings): ConnectionSettings {
    const known = this.#sandboxes().find(
      (sandbox) => sandbox.endpoint === wanted.endpointUrl?.replace(/\/$/, ''),
    );
    return known && wanted.profile === undefined
      ? {
          endpointUrl: known.endpoint,
          region: wanted.region ?? known.region,
          credentials: { accessKeyId: known.accessKeyId, secretAccessKey: known.secretAccessKey },
        }
      : wanted;
  }

  /** A sandbox in the environment ends with it, so it isn't remembered. */
  async #remember({ profile, region, endpointUrl }: ConnectionSettings): Promise<void> {
    if (endpointUrl !== undefined && endpointUrl === this.#givenSandbox?.endpoint) return;
    const own = endpointUrl !== undefined && endpointUrl === this.#ownEndpoint;
    await this.#memory.set('connection.last', own ? { sandbox: true } : { profile, region, endpointUrl });
  }

  #sandboxes(): readonly SandboxAddress[] {
    return [this.#sandbox.address, this.#givenSandbox].filter((address) => address !== undefined);
  }

  #set(state: SessionState): void {
    if (isSame(state, this.#state)) return;
    this.#state = state;
    setContext('connection', state.kind);
    this.#onDidChange.fire(state);
  }
}

function isSame(a: SessionState, b: SessionState): boolean {
  if (a.kind === 'connected' && b.kind === 'connected') return a.connection === b.connection;
  return a.kind === b.kind && a.kind !== 'failed';
}
