import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleSettings, startSandbox } from '../../tools/sandbox.ts';
import { copySampleWorkspace } from '../support/environment.ts';
import { Workbench, type WorkbenchOptions } from '../support/workbench.ts';

/** A window on a copy of the sample workspace, connected to a sandbox of its own: what `npm start` shows. */
export interface Scene {
  readonly workbench: Workbench;
  readonly workspace: string;
  close(): Promise<void>;
}

export async function openScene(
  options: Partial<WorkbenchOptions> & { readonly paceMs?: number } = {},
): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpoint-audience-scene-'));
  const sandbox = await startSandbox(join(folder, 'sandbox'), options.paceMs);
  const end = async (): Promise<void> => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const workspace = await copySampleWorkspace(folder);
    const workbench = await Workbench.open({
      folder: workspace,
      env: { ...process.env, PINPOINT_AUDIENCE_SANDBOX: sandbox.ready },
      ...options,
      settings: { ...sampleSettings, ...options.settings },
    });
    return { workbench, workspace, close: () => workbench.close().finally(end) };
  } catch (error) {
    await end();
    throw error;
  }
}
