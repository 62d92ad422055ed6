import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '../../aws/connection/connection.ts';
import { AudienceError, throwIfCancelled } from '../../errors.ts';
import { TakenOver, takenOver } from '../runs/guard.ts';
import type { RunAccess } from '../runs/runAccess.ts';
import type { ExportRun, Placing } from '../runs/runRecord.ts';
import { hasEnded } from '../runs/runRecord.ts';
import { downloadExport, removeUnfinished, type DownloadControl } from './downloadExport.ts';

/** How often to check whether another window has finished the download, in milliseconds. */
const pollMs = 200;

/** Downloads an export into a folder once, even if several windows ask for it; see `Runs.download`. */
export async function downloadRun(
  access: RunAccess,
  connection: Connection,
  id: string,
  folder: string,
  control: DownloadControl,
): Promise<readonly string[]> {
  const record = await access.require(id);
  const run = record.export;
  if (run === undefined) {
    throw new AudienceError('bad-input', 'An import has nothing to download', {
      help: 'Choose an export.',
    });
  }
  if (record.state !== 'completed') {
    throw new AudienceError('bad-input', 'The export is not completed', {
      help: hasEnded(record) ? 'Export again.' : 'Wait until it has ended.',
    });
  }
  const key = `download-${hashOf([record.id, folder])}`;
  const before = downloadsTo(run, folder).length;
  for (;;) {
    throwIfCancelled(control.signal);
    const lease = await access.leases.acquire(key);
    try {
      await access.store.refresh();
      const { export: latest } = await access.require(record.id);
      const [done] = downloadsTo(latest!, folder).slice(before);
      if (done !== undefined) {
        // Another window finished it. What this process fetched before it was suspended is superfluous.
        if (lease !== undefined)
          await removeUnfinished(folder, { bucket: latest!.bucket, prefix: latest!.folder });
        return done.files;
      }
      if (lease !== undefined) return await downloadInEpoch(access, connection, record.id, folder, control);
    } catch (error) {
      if (!(error instanceof TakenOver) || lease === undefined) throw error;
    } finally {
      await lease?.release();
    }
    await pause(pollMs);
  }
}

/** Writes and removes nothing once another process has taken the download over. */
async function downloadInEpoch(
  access: RunAccess,
  connection: Connection,
  id: string,
  folder: string,
  control: DownloadControl,
): Promise<readonly string[]> {
  const { store } = access;
  const record = store.get(id)!;
  const { bucket, folder: prefix, segmentName, placings = [] } = record.export!;
  const name = segmentName ?? record.projectName ?? record.projectId;
  const { files: earlier = [], epoch: before = 0 } = placings.find((each) => each.folder === folder) ?? {};
  const epoch = before + 1;
  const downloads = downloadsTo(record.export!, folder).length;
  const edit = async (
    change: (run: ExportRun) => Partial<ExportRun>,
    from: number = epoch,
  ): Promise<void> => {
    const isEdited = await access.edit(id, ({ export: run }) => {
      const current = run?.placings?.find((each) => each.folder === folder);
      // A finished download leaves no epoch, but its files.
      const isFinished = run !== undefined && downloadsTo(run, folder).length !== downloads;
      return run === undefined || isFinished || (current?.epoch ?? 0) !== from
        ? undefined
        : { export: { ...run, ...change(run) } };
    });
    if (!isEdited) throw takenOver();
  };
  const others = (run: ExportRun): readonly Placing[] =>
    (run.placings ?? []).filter((each) => each.folder !== folder);
  await edit((run) => ({ placings: [...others(run), { folder, files: earlier, epoch }] }), before);
  let records: number | undefined;
  const files = await downloadExport(
    connection.staging,
    { bucket, prefix, name },
    folder,
    { ...control, onRecords: (count) => (records = count) },
    {
      earlier,
      write: (paths) => edit((run) => ({ placings: [...others(run), { folder, files: paths, epoch }] })),
      check: async () => {
        await store.refresh();
        const current = store.get(id)?.export?.placings?.find((each) => each.folder === folder);
        if (current?.epoch !== epoch) throw takenOver();
      },
    },
  );
  await edit((run) => ({
    downloads: [...run.downloads, { folder, files, at: access.time(), records }],
    placings: others(run),
  }));
  return files;
}

function downloadsTo({ downloads }: ExportRun, folder: string): ExportRun['downloads'] {
  return downloads.filter((download) => download.folder === folder);
}

function hashOf(names: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 24);
}
