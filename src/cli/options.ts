import { join, resolve } from 'node:path';
import type { ParseArgsOptionsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { AudienceError } from '../errors.ts';
import { userStateFolder } from '../ownFolders.ts';

/** Options of every command that talks to the service or looks at its runs. */
export const commonOptions = {
  profile: { type: 'string' },
  region: { type: 'string' },
  'endpoint-url': { type: 'string' },
  store: { type: 'string' },
  format: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

export interface CommonOptions {
  readonly profile: string | undefined;
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  /** Folder of the records of runs. */
  readonly store: string;
  readonly format: 'text' | 'json';
}

export const commonUsage = `  --store DIR            Folder of the records of runs (default: ${describeDefault()})
  --profile NAME         Profile of the shared AWS config files
  --region REGION        Region of the project
  --endpoint-url URL     One endpoint for Pinpoint, S3 and STS, such as the sandbox's
  --format text|json     How to write results to standard output (default: text); progress goes to standard error
  --help                 Show this

What is not given of the connection comes from the environment, as with the AWS CLI (AWS_PROFILE, AWS_REGION,
AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, ...).

Exit codes: 0 completed, 1 failed or findings, 2 bad usage, 130 stopped by Ctrl-C
`;

/** Option of the commands that download. */
export const downloadOptions = {
  'unzip-limit': { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

const defaultUnzipLimit = 10;

export const downloadUsage = `  --unzip-limit GB       Gigabytes that a download may unzip to; more is not written (default: ${defaultUnzipLimit})
`;

/** Most bytes that a download may unzip to. */
export function readUnzipLimit(command: string, value: string | undefined): number {
  const gigabytes = value === undefined ? defaultUnzipLimit : Number(value);
  if (gigabytes > 0 && Number.isFinite(gigabytes)) return gigabytes * 1e9;
  throw badUsage(command, `--unzip-limit is a number of gigabytes, not "${value}"`);
}

/** Arguments as node:util reads them; `bad-input` for what the command does not know. */
export function readArguments<T extends ParseArgsOptionsConfig>(
  command: string,
  args: string[],
  options: T,
): ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>> {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    // Node goes on with advice in further lines.
    throw badUsage(command, (error instanceof Error ? error.message : String(error)).split(/\.?\n/)[0]!);
  }
}

export function readCommon(
  command: string,
  values: {
    readonly profile?: string | undefined;
    readonly region?: string | undefined;
    readonly 'endpoint-url'?: string | undefined;
    readonly store?: string | undefined;
    readonly format?: string | undefined;
  },
): CommonOptions {
  const { format = 'text', profile, region, store } = values;
  if (format !== 'text' && format !== 'json') {
    throw badUsage(command, `--format is text or json, not "${format}"`);
  }
  return {
    profile,
    region,
    endpointUrl: values['endpoint-url'],
    store: store === undefined ? defaultStore() : resolve(store),
    format,
  };
}

function defaultStore(): string {
  return join(userStateFolder(), 'pinpoint-audience', 'runs');
}

function describeDefault(): string {
  if (process.platform === 'win32') return '%LOCALAPPDATA%\\pinpoint-audience\\runs';
  return process.platform === 'darwin'
    ? '~/Library/Application Support/pinpoint-audience/runs'
    : '~/.local/state/pinpoint-audience/runs';
}

export function required(command: string, name: string, value: string | undefined): string {
  if (value !== undefined && value.trim() !== '') return value;
  throw badUsage(command, `${name} is missing`);
}

export function badUsage(command: string, message: string): AudienceError {
  return new AudienceError('bad-input', message.replace(/\.$/, ''), {
    help: `Try: pinpoint-audience ${command} --help`,
  });
}
