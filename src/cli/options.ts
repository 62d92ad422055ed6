import { join, resolve } from 'node:path';
import type { ParseArgsOptionsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import type { FileType } from '../endpoints/model/fileType.ts';
import { defaultUnzipLimit } from '../endpoints/transform/unzip.ts';
import { AudienceError } from '../errors.ts';
import { permissionChoices, setPermissions } from '../permissions.ts';
import { userStateFolder } from '../ownFolders.ts';
import { getOwn } from '../ownMember.ts';

/** Options of all commands that connect to the service or read run records. */
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
  /** Folder of run records. */
  readonly store: string;
  readonly format: 'text' | 'json';
}

export const commonUsage = `  --store DIR            Folder of run records (default: ${describeDefault()})
  --profile NAME         Profile of the shared AWS config files
  --region REGION        Region of the project
  --endpoint-url URL     One service URL for Pinpoint, S3 and STS, such as the sandbox's
  --format text|json     Format of results on standard output (default: text); progress goes to standard error
  --help                 Show this help

The rest of the connection comes from the environment, as with the AWS CLI (AWS_PROFILE, AWS_REGION,
AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, ...).

Exit codes: 0 completed; 1 findings, or the job, the service or the network failed; 2 bad usage, or files, disks or other
commands on this machine prevent it; 130 stopped by Ctrl-C
`;

/** Options of all commands that write files. */
export const outputOptions = {
  'unzip-limit': { type: 'string' },
  permissions: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

export const outputUsage = `  --unzip-limit GB       Maximum unpacked size in GB (default: ${defaultUnzipLimit / 1e9})
  --permissions WHOSE    Who can read the files written: private (you alone, default) or umask (as your umask allows)
`;

/** Maximum number of bytes to unpack. */
function readUnzipLimit(command: string, value: string | undefined): number {
  const bytes = value === undefined ? defaultUnzipLimit : Number(value) * 1e9;
  if (bytes > 0 && Number.isFinite(bytes)) return bytes;
  throw badUsage(command, `--unzip-limit takes a number of gigabytes, not "${value}"`);
}

/** Applies the options on files that are written. Returns the maximum number of bytes to unpack. */
export function readOutput(
  command: string,
  values: { readonly 'unzip-limit'?: string | undefined; readonly permissions?: string | undefined },
): number {
  const { permissions = 'private' } = values;
  const choice = permissionChoices.find((each) => each === permissions);
  if (choice === undefined) {
    throw badUsage(command, `--permissions takes ${permissionChoices.join(' or ')}, not "${permissions}"`);
  }
  setPermissions(choice);
  return readUnzipLimit(command, values['unzip-limit']);
}

/** Arguments as node:util reads them; throws `bad-input` for an option that the command doesn't have. */
export function readArguments<T extends ParseArgsOptionsConfig>(
  command: string,
  args: string[],
  options: T,
): ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>> {
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const type = getOwn<ParseArgsOptionsConfig[string]>(options, name)?.type;
    if (type === undefined) throw badUsage(command, `Unknown option: ${rawName}`);
    if (type === 'boolean' && value !== undefined) throw badUsage(command, `${rawName} takes no value`);
    if (type === 'boolean' || (value !== undefined && (inlineValue || !/^-./.test(value)))) continue;
    throw badUsage(
      command,
      value === undefined
        ? `${rawName} needs a value`
        : `${rawName} needs a value; write ${rawName}=${value}`,
    );
  }
  return parseArgs({ args, options, allowPositionals: true });
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
  const { profile, region, store } = values;
  return {
    profile,
    region,
    endpointUrl: values['endpoint-url'],
    store: store === undefined ? defaultStore() : resolve(store),
    format: readFormat(command, values.format),
  };
}

/** Options of the commands that connect, and may download an export. */
export const downloadOptions = { ...commonOptions, ...outputOptions } as const;

export interface DownloadOptions extends CommonOptions {
  /** Maximum number of bytes to unpack. */
  readonly unzipLimit: number;
}

export const downloadUsage = outputUsage + commonUsage;

export function readDownload(
  command: string,
  values: Parameters<typeof readCommon>[1] & Parameters<typeof readOutput>[1],
): DownloadOptions {
  return { ...readCommon(command, values), unzipLimit: readOutput(command, values) };
}

/** The option `--format`. */
export function readFormat(command: string, value = 'text'): 'text' | 'json' {
  if (value === 'text' || value === 'json') return value;
  throw badUsage(command, `--format takes text or json, not "${value}"`);
}

/** The option `--type`; by default, the file name decides. */
export function readType(command: string, value: string | undefined): FileType | undefined {
  if (value === undefined || value === 'csv' || value === 'ndjson') return value;
  throw badUsage(command, `--type takes csv or ndjson, not "${value}"`);
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
