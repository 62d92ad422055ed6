#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { AudienceError } from '../errors.ts';

interface Command {
  readonly summary: string;
  readonly load: () => Promise<(args: string[]) => Promise<number>>;
}

/** All commands. Each is loaded when it is asked for, and resolves with the exit code. */
const commands: Readonly<Record<string, Command>> = {
  validate: {
    summary: 'Check endpoint files before Amazon Pinpoint does',
    load: async () => (await import('./validateCommand.ts')).validateCommand,
  },
  fix: {
    summary: 'Write a copy of an endpoint file with what is certain put right',
    load: async () => (await import('./fixCommand.ts')).fixCommand,
  },
  import: {
    summary: 'Check, upload and import endpoint files',
    load: async () => (await import('./importCommand.ts')).importCommand,
  },
  export: {
    summary: 'Export a project or a segment, and download it',
    load: async () => (await import('./exportCommand.ts')).exportCommand,
  },
  jobs: {
    summary: 'List runs, take up what was left, wait for the end',
    load: async () => (await import('./jobsCommand.ts')).jobsCommand,
  },
  sandbox: {
    summary: 'Serve a local Pinpoint and S3 for tries and tests',
    load: async () => (await import('./sandboxCommand.ts')).sandboxCommand,
  },
};

const usage = `Usage: pinpoint-audience <command> [options]

Commands:
${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

Options:
  --help     Show this, or the options of a command
  --version  Show the version
`;

async function version(): Promise<string> {
  // From src/cli as well as from dist, where everything is in one folder.
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { version } = JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8')) as {
        version: string;
      };
      return version;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  throw new AudienceError('internal', 'The package.json of this program is missing');
}

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${await version()}\n`);
    return 0;
  }
  if (!Object.hasOwn(commands, name)) {
    process.stderr.write(
      `Unknown command: ${name}. There are: ${Object.keys(commands).join(', ')}. Try --help.\n`,
    );
    return 2;
  }
  const command = await commands[name]!.load();
  return command(args);
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const text =
    error instanceof AudienceError
      ? [error.message, error.help].filter((part) => part !== undefined).join('. ')
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 2;
}
