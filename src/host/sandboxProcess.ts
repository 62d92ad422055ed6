import { fork, type ChildProcess } from 'node:child_process';
import { AudienceError, throwIfCancelled } from '../errors.ts';
import { Emitter, type Event } from '../events.ts';
import { getOwn } from '../ownMember.ts';

/** Printed by a sandbox when it is ready. Its keys are valid for this sandbox only. */
export interface SandboxAddress {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Reads the line that `pinpoint-audience sandbox` prints; `undefined` for other lines. */
export function parseSandboxAddress(line: string): SandboxAddress | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isAddress(value) ? value : undefined;
  } catch {
    return undefined; // such as a warning from Node.js
  }
}

function isAddress(value: unknown): value is SandboxAddress {
  const keys = ['endpoint', 'region', 'accessKeyId', 'secretAccessKey'];
  if (typeof value !== 'object' || value === null) return false;
  return keys.every((key) => typeof getOwn(value as Record<string, unknown>, key) === 'string');
}

const readyWithin = 20_000;

/** The local sandbox as a child process, which ends with the extension host. */
export class SandboxProcess {
  readonly #cli: string;
  readonly #dataFolder: string;
  readonly #onLine: (line: string) => void;
  readonly #onDidChange = new Emitter<SandboxAddress | undefined>();
  #child: ChildProcess | undefined;
  #starting: Promise<SandboxAddress> | undefined;
  #address: SandboxAddress | undefined;

  /**
   * @param cli the built command line, `dist/cli.js`
   * @param dataFolder folder for the sandbox's state
   * @param onLine receives each line of its standard error
   */
  constructor(cli: string, dataFolder: string, onLine: (line: string) => void) {
    this.#cli = cli;
    this.#dataFolder = dataFolder;
    this.#onLine = onLine;
  }

  /** Fires with the address once it serves, and with `undefined` when it has ended. */
  readonly onDidChange: Event<SandboxAddress | undefined> = this.#onDidChange.event;

  get address(): SandboxAddress | undefined {
    return this.#address;
  }

  /** Starts it unless it is running, and resolves when it serves. Rejects with `internal` if it fails to start. */
  async start(signal?: AbortSignal): Promise<SandboxAddress> {
    throwIfCancelled(signal);
    if (this.#address) return this.#address;
    this.#starting ??= this.#launch().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    letGo(child);
    const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
    await gone;
    clearTimeout(timer);
  }

  dispose(): void {
    this.#onDidChange.dispose();
    if (this.#child) letGo(this.#child);
  }

  #launch(): Promise<SandboxAddress> {
    // The channel of fork() closes when this process ends or is killed; then the sandbox ends, too.
    const child = fork(this.#cli, ['sandbox', '--sample', '--data', this.#dataFolder], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    let lastLine = '';
    eachLine(child.stderr, (line) => {
      lastLine = line;
      this.#onLine(line);
    });
    return new Promise<SandboxAddress>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail(`no answer within ${readyWithin / 1000} seconds`);
      }, readyWithin);
      const fail = (reason: string, cause?: unknown): void => {
        clearTimeout(timer);
        reject(
          new AudienceError('internal', `Could not start the sandbox: ${reason}`, {
            help: 'See the log for its output.',
            cause,
          }),
        );
      };
      eachLine(child.stdout, (line) => {
        const address = parseSandboxAddress(line);
        if (!address || this.#address) return;
        clearTimeout(timer);
        this.#address = address;
        resolve(address);
        this.#onDidChange.fire(address);
      });
      child.once('error', (error) => fail(error.message, error));
      child.once('exit', (code) => {
        this.#child = undefined;
        const served = this.#address !== undefined;
        this.#address = undefined;
        if (served) this.#onDidChange.fire(undefined);
        else fail(lastLine || `it ended with code ${code ?? 'none'}`);
      });
    });
  }
}

/** Lets the sandbox end by itself. Not by SIGTERM, which on Windows ends a process at once. */
function letGo(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  else child.kill('SIGTERM');
}

function eachLine(stream: NodeJS.ReadableStream | null, listener: (line: string) => void): void {
  let rest = '';
  stream?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') listener(line.trim());
  });
}
