import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runTests } from '@vscode/test-electron';
import { buildHostTests } from '../../tools/build.ts';
import { ensureDesktop } from '../../tools/desktopVscode.ts';
import { root } from '../../tools/paths.ts';
import { startSandbox } from '../../tools/sandbox.ts';
import { ensureVscode, type VscodeEdition } from '../../tools/vscodeServer.ts';
import { copySampleWorkspace, withTemporaryFolder } from './environment.ts';

interface HostRun {
  /** Gets the events of the run (see reporter.ts). */
  readonly events: string;
  readonly grep?: string | undefined;
  readonly edition: VscodeEdition;
  /** In a desktop VS Code, which is downloaded, instead of the server. */
  readonly desktop: boolean;
}

/**
 * Runs test/host inside VS Code: on a copy of the sample workspace, beside a sandbox whose line of JSON is in
 * PINPOINT_AUDIENCE_TEST_SANDBOX. Rejects with what VS Code wrote where it does not end well.
 */
export async function runHost(options: HostRun): Promise<void> {
  const extensionTestsPath = await buildHostTests();
  if (!options.desktop) await ensureVscode(options.edition);
  const vscodeExecutablePath = options.desktop
    ? await ensureDesktop(options.edition)
    : join(import.meta.dirname, 'launchVscode.ts');
  await withTemporaryFolder(async (folder) => {
    const sandbox = await startSandbox(join(folder, 'sandbox'));
    const output: string[] = [];
    const keep = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        output.push(chunk.toString());
        done();
      },
    });
    try {
      await mkdir(join(folder, 'vscode'));
      await runTests({
        vscodeExecutablePath,
        extensionDevelopmentPath: root,
        extensionTestsPath,
        launchArgs: [
          await copySampleWorkspace(folder),
          `--user-data-dir=${join(folder, 'vscode')}`,
          `--extensions-dir=${join(folder, 'extensions')}`,
        ],
        extensionTestsEnv: {
          PINPOINT_AUDIENCE_TEST_SANDBOX: sandbox.ready,
          PINPOINT_AUDIENCE_TEST_EVENTS: options.events,
          PINPOINT_AUDIENCE_TEST_GREP: options.grep,
          PINPOINT_AUDIENCE_TEST_EDITION: options.edition,
        },
        stdout: keep,
        stderr: keep,
      });
    } catch (error) {
      throw new Error(`VS Code ended badly. The last that it wrote:\n${output.join('').slice(-4000)}`, {
        cause: error,
      });
    } finally {
      await sandbox.stop();
    }
  });
}
