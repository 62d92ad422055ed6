import type { SandboxOptions } from '../sandbox/server.ts';
import { startSandbox } from '../sandbox/server.ts';
import { printHelp, printJson } from '../terminal.ts';
import { badUsage, readArguments } from './options.ts';
import { stopSignals } from './stopSignals.ts';

const usage = `Usage: pinpoint-audience sandbox [options]

Serves a local Amazon Pinpoint, S3, STS, IAM and KMS on 127.0.0.1 until SIGTERM. When it is ready, it prints one line of JSON with
endpoint, region, accessKeyId and secretAccessKey.

Options:
  --port N    Listen on this port (default: a free one)
  --data DIR  Keep state in this folder (default: a temporary one, deleted at the end)
  --pace MS   Milliseconds between two states of a job
  --sample    Start with a sample project, segments and staging bucket
  --help      Show this help
`;

/**
 * `pinpoint-audience sandbox`: serves until SIGTERM or SIGINT, or until the process that forked it has ended.
 *
 * @returns the exit code
 * @throws AudienceError `bad-input` for bad usage, or what `startSandbox` throws
 */
export async function sandboxCommand(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options === 'help') {
    printHelp(usage);
    return 0;
  }
  const stop = listenForStop();
  try {
    const sandbox = await startSandbox(options);
    const { endpoint, region, accessKeyId, secretAccessKey } = sandbox;
    printJson({ endpoint, region, accessKeyId, secretAccessKey });
    await stop.requested;
    await sandbox.close();
    return 0;
  } finally {
    stop.ignore();
  }
}

/** @throws AudienceError `bad-input` for unknown options and invalid values */
function readOptions(args: string[]): SandboxOptions | 'help' {
  const { values, positionals } = readArguments('sandbox', args, {
    port: { type: 'string' },
    data: { type: 'string' },
    pace: { type: 'string' },
    sample: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  const { port, data, pace, sample, help } = values;
  if (help === true) return 'help';
  if (positionals.length > 0) throw badUsage('sandbox', `Unexpected argument: ${positionals[0]!}`);
  return {
    ...(port === undefined ? {} : { port: readNumber('--port', port, 65_535) }),
    ...(data === undefined ? {} : { dataDir: data }),
    ...(pace === undefined ? {} : { paceMs: readNumber('--pace', pace, 3_600_000) }),
    ...(sample === undefined ? {} : { sample }),
  };
}

function readNumber(option: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw badUsage('sandbox', `${option} takes a whole number from 0 to ${max}, not "${text}"`);
}

/** A closed terminal as well, so that the data of a temporary sandbox is deleted. */
const stopEvents = [...stopSignals, 'SIGHUP', 'disconnect'];

interface Stop {
  readonly requested: Promise<void>;
  /** A listener for `disconnect` would keep a forked process running. */
  readonly ignore: () => void;
}

function listenForStop(): Stop {
  let ignore = (): void => undefined;
  const requested = new Promise<void>((resolve) => {
    const end = (): void => {
      ignore();
      resolve();
    };
    ignore = () => {
      for (const event of stopEvents) process.off(event, end);
    };
    for (const event of stopEvents) process.on(event, end);
  });
  return { requested, ignore };
}
