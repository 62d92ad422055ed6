import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rm } from '../../fileOperations.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { Project, Segment } from '../../aws/pinpoint/audienceService.ts';
import { AudienceError, throwIfCancelled } from '../../errors.ts';
import { makeRecordFolder } from '../../ownFolders.ts';
import type { Leases } from '../runs/lease.ts';
import type { RunControl } from '../runs/runControl.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import type { Runs } from '../runs/runs.ts';
import type { MirrorRecord } from './mirrorRecord.ts';
import type { MirrorResources } from './mirrorPlan.ts';

/** A folder with an export in it, or its lease, which a killed process may leave without the folder. */
const exportName = /^(export-[0-9a-f]{16})(?:\.lease)?$/;

/** Exports segments to temporary folders. */
export class SegmentExports {
  readonly #folder: string;
  readonly #runs: Runs;
  readonly #leases: Leases;
  readonly #sweep: () => Promise<void>;

  /** @param sweep removes other files that killed processes left in the folder */
  constructor(folder: string, runs: Runs, leases: Leases, sweep: () => Promise<void>) {
    this.#folder = folder;
    this.#runs = runs;
    this.#leases = leases;
    this.#sweep = sweep;
  }

  /** Exports a segment and passes the downloaded files to `read`. They are deleted afterwards. */
  async read<T>(
    connection: Connection,
    { project, segment }: { readonly project: Project; readonly segment: Pick<Segment, 'id' | 'name'> },
    { bucket, prefix, exportRoleArn: roleArn }: MirrorResources,
    control: RunControl,
    read: (files: readonly string[]) => Promise<T>,
  ): Promise<T> {
    control.onProgress?.(0, undefined, 'exporting');
    const plan = {
      projectId: project.id,
      projectName: project.name,
      bucket,
      prefix,
      roleArn,
      segmentId: segment.id,
      segmentName: segment.name,
    };
    const started = await this.#runs.startExport(connection, plan, control);
    const ended = await endOf(this.#runs, started.id, control);
    throwIfCancelled(control.signal);
    if (ended.state !== 'completed') {
      const { message, help } = ended.error ?? endedOddly(ended);
      throw new AudienceError('service', message, { help });
    }
    return this.#inFolder(async (folder) => {
      // An export of no endpoints writes nothing.
      const isEmpty = ended.job?.totalProcessed === 0;
      return read(isEmpty ? [] : await this.#runs.download(connection, ended.id, folder, control));
    });
  }

  /** Removes the folders of killed processes: endpoints are personal data. */
  async sweep(): Promise<void> {
    await makeRecordFolder(this.#folder);
    await this.#sweep();
    const entries = await readdir(this.#folder);
    for (const name of new Set(entries.flatMap((entry) => exportName.exec(entry)?.[1] ?? []))) {
      const left = await this.#leases.acquire(name);
      if (!left) continue;
      // eslint-disable-next-line no-restricted-syntax -- Below the store's folder, which only this user can change.
      await rm(join(this.#folder, name), { recursive: true, force: true });
      await left.release();
    }
  }

  async #inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
    await this.sweep();
    const name = `export-${randomBytes(8).toString('hex')}`;
    const lease = await this.#leases.acquire(name);
    const folder = join(this.#folder, name);
    try {
      await makeRecordFolder(folder);
      return await use(folder);
    } finally {
      // eslint-disable-next-line no-restricted-syntax -- As above.
      await rm(folder, { recursive: true, force: true });
      await lease?.release();
    }
  }
}

/** The end of a run of a mirror. Only the mirror notifies the user, about the whole. */
export async function endOf(runs: Runs, id: string, { signal }: RunControl): Promise<RunRecord> {
  const ended = await runs.waitFor(id, signal);
  await runs.markNotified(id);
  return ended;
}

/** What is reported if a job ended without an error of its own. */
export function endedOddly(run: RunRecord): NonNullable<MirrorRecord['trouble']> {
  const failures = run.job?.totalFailures ?? 0;
  return {
    code: 'service',
    message: `The ${run.kind} job of the mirror ended as ${run.state}${failures > 0 ? `, with ${failures} failures` : ''}`,
    help: 'See the Jobs view for details.',
  };
}
