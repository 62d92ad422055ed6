#!/usr/bin/env node
// eslint-disable-next-line no-restricted-syntax -- For a file of this program.
import { readFile } from 'node:fs/promises';
import { AudienceError } from '../errors.ts';
import { exitWithReader, printHelp, printLine, warnError, warnLine } from '../terminal.ts';
import { hasErrno } from '../fileErrors.ts';
import { getOwn } from '../ownMember.ts';
import { exitCodeOfError } from './exitCodes.ts';

interface Command {
  readonly summary: string;
  readonly load: () => Promise<(args: string[]) => Promise<number>>;
}

/** All commands. Each is loaded on demand, and resolves with the exit code. */
const commands: Readonly<Record<string, Command>> = {
  validate: {
    summary: 'Validate endpoint files',
    load: async () => (await import('./validateCommand.ts')).validateCommand,
  },
  fix: {
    summary: 'Write a copy of an endpoint file with every certain fix applied',
    load: async () => (await import('./fixCommand.ts')).fixCommand,
  },
  import: {
    summary: 'Validate, upload and import endpoint files',
    load: async () => (await import('./importCommand.ts')).importCommand,
  },
  export: {
    summary: 'Export a project or a segment, and download it',
    load: async () => (await import('./exportCommand.ts')).exportCommand,
  },
  jobs: {
    summary: 'List runs, resume interrupted ones, wait until they end',
    load: async () => (await import('./jobsCommand.ts')).jobsCommand,
  },
  sandbox: {
    summary: 'Run a local Pinpoint and S3 for trying things out and for tests',
    load: async () => (await import('./sandboxCommand.ts')).sandboxCommand,
  },
};

const usage = `Usage: pinpoint-audience <command> [options]

Commands:
${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

Options:
  --help     Show this help, or that of a command
  --version  Show the version
`;

async function version(): Promise<string> {
  // Works from src/cli and from dist, which has everything in one folder.
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { version } = JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8')) as {
        version: string;
      };
      return version;
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
  }
  throw new AudienceError('internal', 'The package.json of this program is missing');
}

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    printHelp(usage);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    printLine(await version());
    return 0;
  }
  const known = getOwn(commands, name);
  if (known === undefined) {
    const what = name.startsWith('-') ? 'option' : 'command';
    warnLine(`Unknown ${what}: ${name}. Commands: ${Object.keys(commands).join(', ')}. Try --help`);
    return 2;
  }
  const command = await known.load();
  return command(args);
}

function fail(error: unknown): void {
  warnError(error);
  process.exitCode = exitCodeOfError(error);
}

exitWithReader();
// Node.js would print the text of the error, which may quote a file.
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  fail(error);
}
