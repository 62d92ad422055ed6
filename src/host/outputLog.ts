import * as vscode from 'vscode';
import { AudienceError } from '../errors.ts';
import type { Log as CoreLog } from '../log.ts';
import { inertInDocument } from './inertText.ts';

/** The output channel. Each call writes one entry, whatever the text contains; see `describeForLog` for errors. */
export interface Log extends CoreLog {
  debug(message: string, error?: unknown): void;
  show(): void;
  dispose(): void;
}

export function createLog(): Log {
  const channel = vscode.window.createOutputChannel('Pinpoint Audience', { log: true });
  const entry = (message: string, error: unknown): string => {
    const text = inertInDocument(message);
    return error === undefined ? text : `${text}: ${describeForLog(error)}`;
  };
  return {
    debug: (message, error) => channel.debug(entry(message, error)),
    info: (message) => channel.info(entry(message, undefined)),
    warn: (message, error) => channel.warn(entry(message, error)),
    error: (message, error) => channel.error(entry(message, error)),
    show: () => channel.show(),
    dispose: () => channel.dispose(),
  };
}

/**
 * An error as one log entry, without anything that could quote an endpoint file: our own texts contain no row content.
 * Those of services, parsers and platforms may, so only their names, codes and stack frames are logged.
 */
function describeForLog(error: unknown): string {
  if (error instanceof AudienceError) {
    const { code, service, message, cause } = error;
    const what = service
      ? `${service.name} ${service.status ?? ''} request ${service.requestId ?? '?'}`
      : message;
    const why = cause === undefined ? '' : `\n  caused by ${describeForLog(cause)}`;
    return `[${code}] ${inertInDocument(what)}${why}${code === 'internal' ? `\n${frames(error)}` : ''}`;
  }
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
    return `${inertInDocument(error.name + code)}\n${frames(error)}`;
  }
  return `a thrown ${typeof error}`;
}

function frames(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => `    ${inertInDocument(line.trim())}`)
    .join('\n');
}
