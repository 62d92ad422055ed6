import { fork, type ChildProcess } from 'node:child_process';
import { AudienceError, throwIfCancelled } from '../errors.ts';
import { Emitter, type Event } from '../events.ts';
import { getOwn } from '../ownMember.ts';

/** What a running sandbox prints when it is ready. Its keys open nothing but itself. */
export interface SandboxAddress {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The line that `pinpoint-audience sandbox` prints, or undefined where it is another one. */
export function parseSandboxAddress(line: string): SandboxAddress | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isAddress(value) ? value : undefined;
  } catch {
    return undefined; // whatever else a process prints, Node's warnings for one
  }
}

function isAddress(value: unknown): value is SandboxAddress {
  const keys = ['endpoint', 'region', 'accessKeyId', 'secretAccessKey'];
  if (typeof value !== 'object' || value === null) return false;
  return keys.every((key) => typeof getOwn(value as Record<string, unknown>, key) === 'string');
}

const readyWithin = 20_000;

/** The local sandbox as a child process of the extension host, with which it ends. */
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
   * @param dataFolder where the sandbox keeps its state
   * @param onLine what the process writes to its standard error, line by line
   */
  constructor(cli: string, dataFolder: string, onLine: (line: string) => void) {
    this.#cli = cli;
    this.#dataFolder = dataFolder;
    this.#onLine = onLine;
  }

  /** Fires with the address once it serves, with `undefined` when it has ended, also by itself. */
  readonly onDidChange: Event<SandboxAddress | undefined> = this.#onDidChange.event;

  get address(): SandboxAddress | undefined {
    return this.#address;
  }

  /** Resolves when it serves; starts it unless it does already. Rejects with `internal` if it does not come up. */
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
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
    await gone;
    clearTimeout(timer);
  }

  dispose(): void {
    this.#onDidChange.dispose();
    this.#child?.kill('SIGTERM');
  }

  #launch(): Promise<SandboxAddress> {
    // The channel of fork() closes with this process, even when that is killed; the sandbox ends when it does.
    const child = fork(this.#cli, ['sandbox', '--sample', '--data', this.#dataFolder], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    let lastWords = '';
    eachLine(child.stderr, (line) => {
      lastWords = line;
      this.#onLine(line);
    });
    return new Promise<SandboxAddress>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail(`it did not answer within ${readyWithin / 1000} seconds`);
      }, readyWithin);
      const fail = (reason: string, cause?: unknown): void => {
        clearTimeout(timer);
        reject(
          new AudienceError('internal', `The sandbox could not be started: ${reason}`, {
            help: 'The log has what it said.',
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
        else fail(lastWords || `it ended with code ${code ?? 'none'}`);
      });
    });
  }
}

function eachLine(stream: NodeJS.ReadableStream | null, listener: (line: string) => void): void {
  let rest = '';
  stream?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') listener(line.trim());
  });
}
