import * as vscode from 'vscode';
import { AudienceError } from '../errors.ts';
import type { Log as CoreLog } from '../log.ts';

export type Log = vscode.LogOutputChannel;

export function createLog(): Log {
  return vscode.window.createOutputChannel('Pinpoint Audience', { log: true });
}

/**
 * An error as one log entry, without anything that could quote an endpoint file: our own texts hold no row content,
 * but those of services, parsers and platforms may, so of them only names, codes and places are written.
 */
export function describeForLog(error: unknown): string {
  if (error instanceof AudienceError) {
    const { code, service, message, cause } = error;
    const what = service
      ? `${service.name} ${service.status ?? ''} request ${service.requestId ?? '?'}`
      : message;
    const why = cause === undefined ? '' : `\n  caused by ${describeForLog(cause)}`;
    return `[${code}] ${what}${why}${code === 'internal' ? `\n${frames(error)}` : ''}`;
  }
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
    return `${error.name}${code}\n${frames(error)}`;
  }
  return `a thrown ${typeof error}`;
}

function frames(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}

/** The log as the core writes to it, with errors described as above. */
export function coreLog(log: Log): CoreLog {
  const withError = (message: string, error: unknown): string =>
    error === undefined ? message : `${message}: ${describeForLog(error)}`;
  return {
    debug: (message) => log.debug(message),
    info: (message) => log.info(message),
    warn: (message, error) => log.warn(withError(message, error)),
    error: (message, error) => log.error(withError(message, error)),
  };
}
