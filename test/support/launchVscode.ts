#!/usr/bin/env node
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureVscode, startVscode } from '../../tools/vscodeServer.ts';
import { launchChromium } from './chromium.ts';

/**
 * Takes the command line of a desktop VS Code, as `runTests` of `@vscode/test-electron` calls it, and runs the tests in the
 * VS Code server and a browser: the same extension host, without a download.
 * PINPOINT_AUDIENCE_TEST_EDITION chooses the VS Code.
 */
const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: { type: 'string' },
    extensionTestsPath: { type: 'string' },
    'user-data-dir': { type: 'string' },
  },
});

const limit = 10 * 60_000;

function path(name: 'extensionDevelopmentPath' | 'extensionTestsPath'): string {
  const value = values[name];
  if (typeof value !== 'string') throw new Error(`--${name} is missing`);
  return value;
}

async function runInServer(): Promise<number> {
  const given = values['user-data-dir'];
  const dataDir =
    typeof given === 'string' ? given : await mkdtemp(join(tmpdir(), 'pinpoint-audience-vscode-'));
  const edition = process.env['PINPOINT_AUDIENCE_TEST_EDITION'] === 'oldest' ? 'oldest' : 'newest';
  // As on a desktop. In a browser, VS Code saves after a second, which cancels a save that a test waits for and is slow.
  const settings = { 'files.autoSave': 'off' };
  const server = await startVscode(await ensureVscode(edition), { dataDir, forTests: true, settings });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const exit = new Promise<number>((resolve) => void page.exposeFunction('codeAutomationExit', resolve));
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) =>
      console.log(`[${type}]`, ...args),
    );
    await page.goto(
      server.url(
        positionals[0],
        (['extensionDevelopmentPath', 'extensionTestsPath'] as const).map((name) => [
          name,
          server.remote(path(name)),
        ]),
      ),
    );
    const broken = (why: string) => (): never => {
      throw new Error(why);
    };
    return await Promise.race([
      exit,
      new Promise((resolve) => page.once('crash', resolve)).then(broken('The browser page crashed')),
      server.ended.then(broken('The VS Code server ended')),
      delay(limit).then(broken(`The tests took more than ${limit / 60_000} minutes`)),
    ]);
  } finally {
    await browser.close();
    await server.stop();
  }
}

process.exit(await runInServer());
