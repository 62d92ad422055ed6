import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.ts';
import { findDesktop } from './desktopVscode.ts';
import { root } from './paths.ts';
import { startGuarded } from './processes.ts';
import { sampleSettings, startSandbox } from './sandbox.ts';
import { ensureVscode, startVscode, type VscodeInstall } from './vscodeServer.ts';

/** A window on the sample workspace, connected to a sandbox. */
interface Running {
  readonly message: string;
  /** Resolves when the window ends by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

interface Setting {
  readonly workspace: string;
  readonly folder: string;
  /** The extension connects to the sandbox that this describes. */
  readonly env: NodeJS.ProcessEnv;
  readonly settings: Readonly<Record<string, unknown>>;
}

async function startInBrowser(
  vscode: VscodeInstall,
  { workspace, folder, env, settings }: Setting,
): Promise<Running> {
  const server = await startVscode(vscode, {
    dataDir: join(folder, 'vscode'),
    env,
    settings,
    extension: root,
  });
  const url = server.url(workspace);
  await openInBrowser(url, join(folder, 'open.html'));
  return { message: `VS Code is at ${url}`, ended: server.ended, stop: () => server.stop() };
}

/**
 * Opens an address if there is a display; otherwise the printed address has to do. The address is a key to the window, so the
 * browser gets it by a page that only this user can read, not on its command line.
 */
async function openInBrowser(url: string, page: string): Promise<void> {
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  const hasDisplay =
    process.platform === 'darwin' ||
    process.platform === 'win32' ||
    (process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']) !== undefined;
  if (!hasDisplay || process.env['CI'] !== undefined) return;
  await writeFile(page, redirection(url), { mode: 0o600, flag: 'wx' });
  spawn(opener, [page], { stdio: 'ignore', detached: true })
    .once('error', () => console.log(`(${opener} is missing: open the address yourself.)`))
    .unref();
}

function redirection(url: string): string {
  const target = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<!doctype html>
<meta charset="utf-8"><meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${target}">
<title>Pinpoint Audience</title>
<a href="${target}">Open VS Code</a>
`;
}

function installedDesktop(): string {
  const code = findDesktop();
  if (code !== undefined) return code;
  throw new StartError(
    'There is no "code" command on the PATH. Install VS Code with its shell command, or leave out --desktop.',
  );
}

async function startOnDesktop(code: string, { workspace, folder, env, settings }: Setting): Promise<Running> {
  const userData = join(folder, 'desktop');
  await mkdir(join(userData, 'User'), { recursive: true });
  await writeFile(join(userData, 'User', 'settings.json'), JSON.stringify(settings));
  const window = await startGuarded(
    code,
    [
      `--extensionDevelopmentPath=${root}`,
      `--user-data-dir=${userData}`,
      `--extensions-dir=${join(folder, 'extensions')}`,
      ...['--disable-workspace-trust', '--skip-welcome', '--skip-release-notes', '--new-window', '--wait'],
      workspace,
    ],
    { env },
  );
  return {
    message: `${code} opens the sample workspace`,
    ended: window.ended,
    stop: async () => {
      await quitDesktop(userData);
      await window.stop();
    },
  };
}

/** The command only asks VS Code to open a window; the process ID is in VS Code's lock file. */
async function quitDesktop(userData: string): Promise<void> {
  const lock = join(userData, 'code.lock');
  if (!existsSync(lock)) return;
  try {
    process.kill(Number(await readFile(lock, 'utf8')));
  } catch (error) {
    // ESRCH: it has already ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** An error that the user can fix: shown in one line. */
class StartError extends Error {}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { desktop: { type: 'boolean', default: false } } });
  const code = values.desktop ? installedDesktop() : undefined;
  await build();
  const start =
    code === undefined
      ? startInBrowser.bind(undefined, await ensureVscode())
      : startOnDesktop.bind(undefined, code);

  // So far there is nothing to clean up.
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  const folder = await mkdtemp(join(tmpdir(), 'pinpoint-audience-'));
  const started: { stop(): Promise<void> }[] = [];
  try {
    const workspace = join(folder, 'sample-workspace');
    await cp(join(root, 'media', 'sample-workspace'), workspace, { recursive: true });
    const sandbox = await startSandbox(join(folder, 'sandbox'));
    started.push(sandbox);
    const env = { ...process.env, PINPOINT_AUDIENCE_SANDBOX: sandbox.ready };
    const window = await start({ workspace, folder, env, settings: sampleSettings });
    started.unshift(window);
    console.log(`${window.message}\nThe sandbox is ${sandbox.ready}\nCtrl-C ends both.`);
    await Promise.race([stopped, window.ended, sandbox.ended]);
  } finally {
    for (const part of started) await part.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
