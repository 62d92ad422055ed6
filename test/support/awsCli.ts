import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Sandbox } from '../../src/sandbox/server.ts';

const run = promisify(execFile);

/** The AWS CLI of this machine, pointed at a sandbox by nothing but its address and keys. */
export interface AwsCli {
  /** As `aws --version` says it. */
  readonly version: string;
  /** Runs `aws …` and resolves with what it printed. @throws Error with its standard error where it fails */
  text(...args: string[]): Promise<string>;
  /** Runs `aws … --output json` and resolves with what it printed. */
  json(...args: string[]): Promise<unknown>;
}

/**
 * Finds `aws` on the PATH. Where there is none, Debian's package is installed, if that is ours to do.
 *
 * @returns the command's version, or in one line what is missing
 */
export async function findAwsCli(): Promise<{ version: string } | { missing: string }> {
  const found = await version();
  if (found !== undefined) return { version: found };
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    return { missing: 'the AWS CLI: no `aws` on the PATH, and only root on Debian can install it' };
  }
  try {
    await run('apt-get', ['update']);
    await run('apt-get', ['install', '--yes', '--no-install-recommends', 'awscli'], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    return {
      missing: `the AWS CLI: no \`aws\` on the PATH, and Debian's package awscli cannot be had (${reason})`,
    };
  }
  const installed = await version();
  return installed === undefined
    ? { missing: "the AWS CLI: Debian's package awscli brought no `aws` that runs" }
    : { version: installed };
}

export function awsCli(
  sandbox: Pick<Sandbox, 'endpoint' | 'region' | 'accessKeyId' | 'secretAccessKey'>,
  cliVersion: string,
): AwsCli {
  const environment = {
    ...process.env,
    AWS_ENDPOINT_URL: sandbox.endpoint,
    AWS_ACCESS_KEY_ID: sandbox.accessKeyId,
    AWS_SECRET_ACCESS_KEY: sandbox.secretAccessKey,
    AWS_DEFAULT_REGION: sandbox.region,
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    AWS_PAGER: '',
  };
  const endpoint = endpointOptions(sandbox.endpoint, cliVersion);
  const text = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('aws', [...args, ...endpoint], { env: environment });
    return stdout;
  };
  return {
    version: cliVersion,
    text,
    json: async (...args) => {
      const printed = await text(...args, '--output', 'json');
      return printed === '' ? undefined : (JSON.parse(printed) as unknown);
    },
  };
}

/**
 * A PATH for scripts on which `aws` goes to a sandbox, even if it doesn't know AWS_ENDPOINT_URL.
 *
 * @param folder gets an `aws` of its own if one is needed
 */
export async function pathForScripts(folder: string, endpoint: string, cliVersion: string): Promise<string> {
  const path = process.env['PATH'] ?? '';
  const options = endpointOptions(endpoint, cliVersion);
  if (options.length === 0) return path;
  const { stdout } = await run('which', ['aws']);
  await writeFile(join(folder, 'aws'), `#!/bin/sh\nexec '${stdout.trim()}' "$@" ${options.join(' ')}\n`, {
    mode: 0o755,
  });
  return `${folder}:${path}`;
}

function endpointOptions(endpoint: string, cliVersion: string): readonly string[] {
  return knowsEndpointVariable(cliVersion) ? [] : ['--endpoint-url', endpoint];
}

/** AWS_ENDPOINT_URL came with 1.29.0 and 2.13.0 of the CLI. */
function knowsEndpointVariable(cliVersion: string): boolean {
  const [, major = 0, minor = 0] = (/aws-cli\/(\d+)\.(\d+)/.exec(cliVersion) ?? []).map(Number);
  return major > 2 || (major === 2 ? minor >= 13 : minor >= 29);
}

async function version(): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run('aws', ['--version']);
    return /aws-cli\/\S+/.exec(stdout + stderr)?.[0];
  } catch {
    return undefined; // not there, or a shim with nothing behind it
  }
}
