import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { removeAbandoned } from './abandoned.ts';
import { cache } from './paths.ts';
import { npm, startGuarded } from './processes.ts';

/**
 * The npm package `code-server` contains a whole VS Code (lib/vscode): the same workbench, served to a browser, and the same
 * Node extension host. So development and tests need a package registry and nothing else.
 */
export interface VscodeInstall {
  readonly version: string;
  /** The Node that runs it: each VS Code has the Node that it was made for. */
  readonly node: string;
  readonly folder: string;
}

/** `oldest` is the lowest VS Code of `engines.vscode` in package.json. */
export type VscodeEdition = 'newest' | 'oldest';

/** Resolves with a VS Code server; installs it first if needed (about 600 MB, in the user's cache folder). */
export async function ensureVscode(edition: VscodeEdition = 'newest'): Promise<VscodeInstall> {
  const manifests = join(import.meta.dirname, 'vscode-server', edition);
  const digest = createHash('sha256');
  for (const file of [join(manifests, 'package-lock.json'), spdlog]) digest.update(await readFile(file));
  const folder = join(cache, `vscode-${edition}-${digest.digest('hex').slice(0, 12)}`);
  if (!existsSync(folder)) await install(manifests, folder);
  const modules = join(folder, 'node_modules');
  const vscode = join(modules, 'code-server', 'lib', 'vscode');
  const { version } = JSON.parse(await readFile(join(vscode, 'package.json'), 'utf8')) as { version: string };
  return { version, node: edition === 'newest' ? process.execPath : ownNode(modules), folder: vscode };
}

async function install(manifests: string, folder: string): Promise<void> {
  console.log('Installing a VS Code server (about 600 MB, once; it takes half a minute or more) …');
  await mkdir(cache, { recursive: true });
  await removeAbandoned(/^vscode-.*\./, 3_600_000);
  const temporary = await mkdtemp(`${folder}.`);
  try {
    await cp(manifests, temporary, { recursive: true });
    await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], temporary);
    const vscode = join(temporary, 'node_modules', 'code-server', 'lib', 'vscode');
    // `npm ci` refuses the shrinkwrap that comes with it, `npm install` follows it.
    await npm(['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], vscode);
    await replaceSpdlog(join(vscode, 'node_modules', '@vscode', 'spdlog'));
    await placeRipgrep(join(temporary, 'node_modules'), join(vscode, 'node_modules'));
    await rename(temporary, folder);
  } catch (error) {
    // Another process may have installed it in the meantime.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const spdlog = join(import.meta.dirname, 'vscode-server', 'spdlog.ts');

async function replaceSpdlog(folder: string): Promise<void> {
  await build({
    entryPoints: [spdlog],
    outfile: join(folder, 'index.mjs'),
    format: 'esm',
    logLevel: 'warning',
  });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: '@vscode/spdlog', main: 'index.mjs' }),
  );
}

/** An older VS Code downloads ripgrep from outside of the registry; it gets the one of newer versions instead. */
async function placeRipgrep(from: string, to: string): Promise<void> {
  const binaries = join(from, '@vscode', 'ripgrep-universal', 'bin', `${process.platform}-${process.arch}`);
  const ripgrep = join(to, '@vscode', 'ripgrep');
  if (existsSync(binaries) && existsSync(ripgrep))
    await cp(binaries, join(ripgrep, 'bin'), { recursive: true });
}

/** The Node binary that came with an install, from the package for this platform. */
function ownNode(modules: string): string {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  for (const name of [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]) {
    const path = join(modules, name, 'bin', binary);
    if (existsSync(path)) return path;
  }
  throw new Error(
    `There is no Node package for ${process.platform} on ${process.arch} that this VS Code could run on`,
  );
}

interface ServerOptions {
  /** For everything that the server and its users write. */
  readonly dataDir: string;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Settings whose scope is the machine: a remote window reads them from the server, not from the user. */
  readonly machineSettings?: Readonly<Record<string, unknown>> | undefined;
  /** The extension host inherits it. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The folder of an extension to install. It is linked, so later builds are used after a window reload. */
  readonly extension?: string | undefined;
  /** Obeys the payload's `extensionDevelopmentPath` and `extensionTestsPath`. Shows no notifications then. */
  readonly forTests?: boolean | undefined;
}

export interface VscodeServer {
  /** The address that opens a folder (or none), with what else the workbench is to do, such as `extensionDevelopmentPath`. */
  url(folder?: string, payload?: readonly (readonly [string, string])[]): string;
  /** The form in which the workbench wants a path of this machine. */
  remote(path: string): string;
  stop(): Promise<void>;
  readonly ended: Promise<void>;
}

/** Settings against prompts, ads, telemetry and changes between two runs. */
const quietSettings = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
  'json.schemaDownload.enable': false,
  'remote.autoForwardPorts': false,
};

/**
 * Starts a VS Code server on a free port of the loopback interface. Whoever knows its token has a shell: so the token is passed
 * in a file, since every user of the machine can read command lines.
 */
export async function startVscode(vscode: VscodeInstall, options: ServerOptions): Promise<VscodeServer> {
  await writeSettings(options.dataDir, 'User', { ...quietSettings, ...options.settings });
  await writeSettings(options.dataDir, 'Machine', options.machineSettings ?? {});
  if (options.extension !== undefined)
    await linkExtension(options.extension, join(options.dataDir, 'extensions'));

  const token = randomUUID();
  const tokenFile = join(options.dataDir, 'connection-token');
  await rm(tokenFile, { force: true });
  await writeFile(tokenFile, token, { mode: 0o600, flag: 'wx' });
  const server = await startGuarded(
    vscode.node,
    [
      join(vscode.folder, 'out', 'server-main.js'),
      ...['--host', '127.0.0.1', '--port', '0', '--connection-token-file', tokenFile],
      ...['--server-data-dir', options.dataDir, '--accept-server-license-terms', '--telemetry-level', 'off'],
      ...(options.forTests === true ? ['--enable-smoke-test-driver'] : []),
    ],
    { isReady: (line) => listening.test(line), env: outsideVscode(options.env ?? process.env) },
  );
  const port = listening.exec(server.ready)![1]!;
  const remote = (path: string): string =>
    `vscode-remote://127.0.0.1:${port}${new URL(`file://${path}`).pathname}`;
  return {
    remote,
    stop: () => server.stop(),
    ended: server.ended,
    url: (folder, payload = []) => {
      const query = new URLSearchParams({ tkn: token });
      if (folder !== undefined) query.set('folder', folder);
      if (payload.length > 0) query.set('payload', JSON.stringify(payload));
      return `http://127.0.0.1:${port}/?${query.toString()}`;
    },
  };
}

async function writeSettings(
  dataDir: string,
  whose: 'User' | 'Machine',
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const folder = join(dataDir, 'data', whose);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'settings.json'), JSON.stringify(settings, undefined, 2));
}

/** Puts an extension where a server finds it when it starts for the first time. */
async function linkExtension(extension: string, extensions: string): Promise<void> {
  const manifest = await readFile(join(extension, 'package.json'), 'utf8');
  const { publisher, name, version } = JSON.parse(manifest) as Record<
    'publisher' | 'name' | 'version',
    string
  >;
  await mkdir(extensions, { recursive: true });
  await symlink(extension, join(extensions, `${publisher}.${name}-${version}`), 'junction');
}

const listening = /^Extension host agent listening on (\d+)$/;

/** The environment without the variables that VS Code sets in its terminals: they would make ours believe it is part of that one. */
function outsideVscode(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(VSCODE|ELECTRON)_/.test(name)));
}
