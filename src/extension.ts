import type * as vscode from 'vscode';
import type { Identity } from './aws/connection/connection.ts';
import type { Event } from './events.ts';
import { publicRun } from './jobs/runs/publicRun.ts';
import type { RunRecord } from './jobs/runs/runRecord.ts';
import { createServices, type Services } from './services.ts';

/** What `activate()` returns to other extensions. Runs are copies without the service's texts, see `publicRun`. */
export interface PinpointAudienceApi {
  readonly version: 1;
  readonly jobs: {
    /** This user's runs, newest first. */
    list(): readonly RunRecord[];
    /** Finds a run by its own ID or by the service's job ID. */
    get(id: string): RunRecord | undefined;
    /** Fires with the run that changed, or `undefined` if several changed or one was removed. */
    readonly onDidChange: Event<RunRecord | undefined>;
    /** Resolves when the run has ended, successfully or not. */
    waitFor(id: string): Promise<RunRecord>;
  };
  readonly connection: {
    readonly current: Identity | undefined;
    readonly onDidChange: Event<Identity | undefined>;
  };
}

let services: Services | undefined;

export function activate(context: vscode.ExtensionContext): PinpointAudienceApi {
  const { session, runs } = (services = createServices(context));
  return {
    version: 1,
    jobs: {
      list: () => runs.list().map(publicRun),
      get: (id) => optional(runs.get(id), publicRun),
      onDidChange: (listener) => runs.onDidChange((run) => listener(optional(run, publicRun))),
      waitFor: async (id) => publicRun(await runs.waitFor(id)),
    },
    connection: {
      get current() {
        return optional(session.current?.identity, structuredClone<Identity>);
      },
      onDidChange: (listener) =>
        session.onDidChange(() => listener(optional(session.current?.identity, structuredClone<Identity>))),
    },
  };
}

function optional<T, R>(value: T | undefined, copy: (value: T) => R): R | undefined {
  return value === undefined ? undefined : copy(value);
}

export async function deactivate(): Promise<void> {
  await services?.dispose();
}
