import { parseArgs } from 'node:util';
import { AudienceError } from '../errors.ts';
import type { SandboxOptions } from '../sandbox/server.ts';
import { startSandbox } from '../sandbox/server.ts';

const usage = 'Usage: pinpoint-audience sandbox [--port N] [--data DIR] [--pace MS] [--sample]';

/**
 * `pinpoint-audience sandbox`: serves until SIGTERM or SIGINT, or until the process that forked it is gone.
 * When ready it prints one line of JSON: `{ "endpoint", "region", "accessKeyId", "secretAccessKey" }`.
 *
 * @returns the exit code: 0 after a clean end, 2 where it could not start
 */
export async function sandboxCommand(args: string[]): Promise<number> {
  const ended = untilEnd();
  try {
    const sandbox = await startSandbox(readOptions(args));
    const { endpoint, region, accessKeyId, secretAccessKey } = sandbox;
    process.stdout.write(`${JSON.stringify({ endpoint, region, accessKeyId, secretAccessKey })}\n`);
    await ended;
    await sandbox.close();
    return 0;
  } catch (error) {
    if (!(error instanceof AudienceError)) throw error;
    process.stderr.write(
      `pinpoint-audience sandbox: ${[error.message, error.help].filter(Boolean).join(' ')}\n`,
    );
    return 2;
  }
}

/** @throws AudienceError `bad-input` for what is no option */
function readOptions(args: string[]): SandboxOptions {
  const { port, data, pace, sample } = parse(args);
  return {
    ...(port === undefined ? {} : { port: readNumber('--port', port, 65_535) }),
    ...(data === undefined ? {} : { dataDir: data }),
    ...(pace === undefined ? {} : { paceMs: readNumber('--pace', pace, 3_600_000) }),
    ...(sample === undefined ? {} : { sample }),
  };
}

function parse(args: string[]): { port?: string; data?: string; pace?: string; sample?: boolean } {
  const options = {
    port: { type: 'string' },
    data: { type: 'string' },
    pace: { type: 'string' },
    sample: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw badUsage(error instanceof Error ? error.message : String(error));
  }
}

function readNumber(option: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw badUsage(`${option} takes a whole number from 0 to ${most}, not '${text}'.`);
}

function badUsage(why: string): AudienceError {
  return new AudienceError('bad-input', why, { help: usage });
}

function untilEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) {
      process.once(event, () => {
        resolve();
      });
    }
  });
}
