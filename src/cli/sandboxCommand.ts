import { parseArgs } from 'node:util';
import { AudienceError } from '../errors.ts';
import type { SandboxOptions } from '../sandbox/server.ts';
import { startSandbox } from '../sandbox/server.ts';

const usage = `Usage: pinpoint-audience sandbox [options]

Serves a local Amazon Pinpoint, S3, STS, IAM and KMS on 127.0.0.1 until SIGTERM. When it is ready it prints one line of JSON with
endpoint, region, accessKeyId and secretAccessKey.

Options:
  --port N    Listen there; on a free port where absent
  --data DIR  Keep state in this folder; in a temporary one that goes at the end where absent
  --pace MS   Milliseconds between two states of a job
  --sample    Begin with a sample project, segments and staging bucket
  --help      Show this
`;

/**
 * `pinpoint-audience sandbox`: serves until SIGTERM or SIGINT, or until the process that forked it is gone.
 *
 * @returns the exit code
 * @throws AudienceError `bad-input` for bad usage, or what `startSandbox` throws
 */
export async function sandboxCommand(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  const ended = untilEnd();
  const sandbox = await startSandbox(options);
  const { endpoint, region, accessKeyId, secretAccessKey } = sandbox;
  process.stdout.write(`${JSON.stringify({ endpoint, region, accessKeyId, secretAccessKey })}\n`);
  await ended;
  await sandbox.close();
  return 0;
}

/** @throws AudienceError `bad-input` for what is no option */
function readOptions(args: string[]): SandboxOptions | 'help' {
  const { port, data, pace, sample, help } = parse(args);
  if (help === true) return 'help';
  return {
    ...(port === undefined ? {} : { port: readNumber('--port', port, 65_535) }),
    ...(data === undefined ? {} : { dataDir: data }),
    ...(pace === undefined ? {} : { paceMs: readNumber('--pace', pace, 3_600_000) }),
    ...(sample === undefined ? {} : { sample }),
  };
}

function parse(args: string[]): {
  port?: string;
  data?: string;
  pace?: string;
  sample?: boolean;
  help?: boolean;
} {
  const options = {
    port: { type: 'string' },
    data: { type: 'string' },
    pace: { type: 'string' },
    sample: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    // Node goes on with advice in further lines.
    throw badUsage(String(error instanceof Error ? error.message : error).split(/\.?\n/)[0]!);
  }
}

function readNumber(option: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw badUsage(`${option} takes a whole number from 0 to ${most}, not '${text}'`);
}

function badUsage(why: string): AudienceError {
  return new AudienceError('bad-input', why, { help: 'Try: pinpoint-audience sandbox --help' });
}

const endings = ['SIGTERM', 'SIGINT', 'disconnect'];

function untilEnd(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      // A listener for `disconnect` would keep a forked process alive.
      for (const event of endings) process.off(event, end);
      resolve();
    };
    for (const event of endings) process.on(event, end);
  });
}
