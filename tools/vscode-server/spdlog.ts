import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Stands in for the native module `@vscode/spdlog` in a VS Code that was installed without a compiler, so that there are log
 * files, and what the Output view shows of them. Every line is written at once, in one pattern; nothing is held open.
 */
const levels = ['trace', 'debug', 'info', 'warning', 'error', 'critical'] as const;

type Write = (message: string) => void;

export class Logger {
  readonly #file: string;
  #level = 0;
  #raw = false;

  constructor(_type: string, _name: string, file: string) {
    mkdirSync(dirname(file), { recursive: true });
    this.#file = file;
  }

  readonly trace = this.#writer(0);
  readonly debug = this.#writer(1);
  readonly info = this.#writer(2);
  readonly warn = this.#writer(3);
  readonly error = this.#writer(4);
  readonly critical = this.#writer(5);

  getLevel(): number {
    return this.#level;
  }

  setLevel(level: number): void {
    this.#level = level;
  }

  clearFormatters(): void {
    this.#raw = true;
  }

  readonly setPattern = nothing;
  readonly flush = nothing;
  readonly drop = nothing;

  #writer(level: number): Write {
    return (message) => {
      if (level < this.#level) return;
      const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
      appendFileSync(this.#file, this.#raw ? message : `${time} [${levels[level]!}] ${message}\n`);
    };
  }
}

export const version = 0;
export const setLevel = nothing;
export const setFlushOn = nothing;

export function createRotatingLogger(name: string, file: string): Promise<Logger> {
  return Promise.resolve(new Logger('rotating', name, file));
}

export const createAsyncRotatingLogger = createRotatingLogger;

function nothing(): void {
  // Asked for by VS Code, and without meaning here.
}
