import { once } from 'node:events';
import { AudienceError, errorText } from './errors.ts';
import { legible, legibleJson } from './legible.ts';

/*
 * The only way to standard output and standard error, as lint enforces: all text becomes legible here.
 */

const { stdout, stderr } = process;

/** True if standard error is a terminal, in which a line can replace the one before. */
export const isInteractive = stderr.isTTY;

/** Prints a line to standard output. */
export function printLine(text: string): void {
  stdout.write(`${legible(text)}\n`);
}

/** Prints lines to standard output; resolves when they are flushed, so that they don't pile up in memory. */
export function printLines(lines: readonly string[]): Promise<void> {
  return write(lines.map((line) => `${legible(line)}\n`).join(''));
}

/** Prints our own text with several lines. */
export function printHelp(text: string): void {
  stdout.write(text.split('\n').map(legible).join('\n'));
}

/** Prints a value as JSON to standard output. */
export function printJson(value: unknown, indent?: number): void {
  stdout.write(`${legibleJson(value, indent)}\n`);
}

/** Prints an array as JSON, one value at a time. */
export class JsonArrayPrinter {
  #isEmpty = true;

  /** Resolves when it is flushed. */
  async add(value: unknown): Promise<void> {
    const before = this.#isEmpty ? '[' : ',\n';
    this.#isEmpty = false;
    await write(`${before}${legibleJson(value)}`);
  }

  async end(): Promise<void> {
    await write(this.#isEmpty ? '[]\n' : ']\n');
  }
}

/** Prints a line to standard error. */
export function warnLine(text: string): void {
  stderr.write(`${legible(text)}\n`);
}

/** Prints an error to standard error. Of an internal error, only the kind and stack: its text may quote a file. */
export function warnError(error: unknown): void {
  if (error instanceof AudienceError && error.code !== 'internal') warnLine(errorText(error));
  else warnDefect(error, 'Internal error. Please report it');
}

/** Prints where an internal error happened, under a title. */
export function warnDefect(error: unknown, title: string): void {
  if (!(error instanceof Error)) {
    warnLine(`${title}: a thrown ${typeof error}`);
    return;
  }
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  warnLine(`${title}: ${error instanceof AudienceError ? errorText(error) : `${error.name}${code}`}`);
  for (const line of (error.stack ?? '').split('\n')) if (/^\s+at /.test(line)) warnLine(line);
  if (error.cause !== undefined) warnDefect(error.cause, 'Caused by');
}

/** Replaces the last line of the terminal, cut to its width. */
export function replaceLine(text: string): void {
  stderr.write(`\r${legible(text).slice(0, (stderr.columns || 80) - 1)}\u001B[K`);
}

/** Ends a line that `replaceLine` wrote. */
export function endLine(): void {
  stderr.write('\n');
}

/** Ends the process once its output is closed, as with `| head`; that isn't an error. */
export function exitWithReader(): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

async function write(text: string): Promise<void> {
  if (!stdout.write(text)) await once(stdout, 'drain');
}
