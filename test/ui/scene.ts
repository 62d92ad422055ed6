import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FrameLocator } from 'playwright-core';
import type { FaultSettings } from '../../src/sandbox/http/faults.ts';
import { sampleSettings, startSandbox } from '../../tools/sandbox.ts';
import { copySampleWorkspace } from '../support/environment.ts';
import { sendSigned, type Keys, type RawRequest } from '../support/signedRequest.ts';
import { Workbench, type WorkbenchOptions } from '../support/workbench.ts';

/** A window on a copy of the sample workspace, connected to a sandbox of its own: what `npm start` shows. */
export interface Scene {
  readonly workbench: Workbench;
  readonly workspace: string;
  /** Asks the sandbox for faults, in the place of those that were asked for before. */
  setFaults(settings: FaultSettings): Promise<void>;
  /** Asks the sandbox behind the extension's back. Rejects where it refuses. */
  send(request: RawRequest): Promise<string>;
  /** Waits until the sandbox has no job that runs or waits, for as long as the test may take. */
  jobsEnded(): Promise<void>;
  /** Writes the keys of the sandbox into the credentials file, as a tool does that renews them; see `profile`. */
  renewKeys(): Promise<void>;
  close(): Promise<void>;
}

/** A pace at which no job moves before a test changes it, however slow the machine is. */
export const standstill = { paceMs: 3_600_000 } as const;

/** A pace at which a job ends at once. */
export const rush = { paceMs: 20 } as const;

interface SceneOptions extends Partial<WorkbenchOptions> {
  readonly paceMs?: number;
  /** What the workspace has besides the samples. What is written later shows once the editor watches the folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** Connects by a profile of this name in shared files, instead of being given the sandbox. */
  readonly profile?: string;
  /** The name of the folder that is opened. */
  readonly folderName?: string;
}

export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpoint-audience-scene-'));
  const sandbox = await startSandbox(join(folder, 'sandbox'), options.paceMs);
  const end = async (): Promise<void> => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const { endpoint, region, ...keys } = JSON.parse(sandbox.ready) as Keys & Record<string, string>;
    const { profile } = options;
    const credentials = join(folder, 'credentials');
    const renewKeys = (): Promise<void> =>
      writeFile(
        credentials,
        `[${profile}]\naws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\n`,
      );
    if (profile !== undefined) await renewKeys();
    const workspace = await copySampleWorkspace(folder, options.folderName);
    for (const [name, text] of Object.entries(options.files ?? {})) {
      await mkdir(dirname(join(workspace, name)), { recursive: true });
      await writeFile(join(workspace, name), text);
    }
    const workbench = await Workbench.open({
      folder: workspace,
      env:
        profile === undefined
          ? { ...process.env, PINPOINT_AUDIENCE_SANDBOX: sandbox.ready }
          : {
              ...process.env,
              AWS_SHARED_CREDENTIALS_FILE: credentials,
              AWS_CONFIG_FILE: join(folder, 'config'),
            },
      ...options,
      settings: { ...sampleSettings, ...options.settings },
      ...(profile !== undefined && {
        machineSettings: {
          'pinpointAudience.connection.profile': profile,
          'pinpointAudience.connection.region': region,
          'pinpointAudience.connection.endpointUrl': endpoint,
        },
      }),
    });
    const send = async (request: RawRequest): Promise<string> => {
      const { status, body } = await sendSigned(endpoint!, keys, request);
      if (status >= 300) throw new Error(`The sandbox refuses ${request.path}: ${body}`);
      return body;
    };
    const list = async <Item>(path: string): Promise<readonly Item[]> => {
      const body = await send({ service: 'mobiletargeting', method: 'GET', path });
      return (JSON.parse(body) as { readonly Item: readonly Item[] }).Item;
    };
    return {
      workbench,
      workspace,
      setFaults: async (settings) => {
        const { status, body } = await sendSigned(endpoint!, keys, {
          service: 'mobiletargeting',
          method: 'PUT',
          path: '/_sandbox/faults',
          body: JSON.stringify(settings),
        });
        if (status !== 200) throw new Error(`The sandbox refuses these faults: ${body}`);
      },
      send,
      jobsEnded: async () => {
        for (const { Id } of await list<{ readonly Id: string }>('/v1/apps')) {
          for (const type of ['import', 'export']) {
            const path = `/v1/apps/${Id}/jobs/${type}`;
            while (
              (await list<{ readonly CompletionDate?: string }>(path)).some((job) => !job.CompletionDate)
            )
              await delay(100);
          }
        }
      },
      renewKeys,
      close: () => workbench.close().finally(end),
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The page of the audience report that is shown. */
export function reportIn(window: Workbench): FrameLocator {
  const outer = window.page.locator('iframe.webview.ready').first().contentFrame();
  return outer.frameLocator('#active-frame');
}
