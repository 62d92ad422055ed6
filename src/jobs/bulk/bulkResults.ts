import { createHash } from 'node:crypto';
import { lstat, open, readdir, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileError } from '../../fileErrors.ts';
import { fileIdentity } from '../../fileIdentity.ts';
import { rm } from '../../fileOperations.ts';
import { withRegularFile } from '../../regularFile.ts';
import { inWorkFolder, removeOwnFiles } from '../../ownFolders.ts';
import { outputFile } from '../../permissions.ts';
import { publishAll, type PublishJournal } from '../download/publishFiles.ts';
import { bulkItems } from './bulkItems.ts';
import type { BulkRecord, Outcome } from './bulkRecord.ts';

const names: Readonly<Record<BulkRecord['kind'], string>> = {
  'update-endpoints': 'updated',
  'delete-endpoints': 'deleted',
  'delete-users': 'erased',
};

/**
 * Writes the outcome of each line as a CSV file next to the file of Ids; resolves with its path. Contains Ids and no other content.
 * A user has a row per deleted endpoint. With a journal that survives the process, the result is one complete file, however often
 * writing is interrupted.
 */
export async function writeResults(
  record: BulkRecord,
  outcomes: ReadonlyMap<number, Outcome>,
  journal: PublishJournal,
  unzipLimit?: number,
): Promise<string> {
  const { source } = record;
  const folder = dirname(source.path);
  const work = join(folder, `.pinpoint-audience-${record.id}`);
  try {
    const [earlier] = journal.earlier;
    if (earlier !== undefined && (await isPublished(earlier, work))) {
      await removeOwnFiles(work, (name) => epochOf(name) !== undefined);
      return earlier;
    }
    const path = await inWorkFolder(work, async (anchor) => {
      const unfinished = join(anchor, `results-${record.epoch}.csv`);
      try {
        await writeTo(unfinished, record, outcomes, unzipLimit);
        // What a suspended owner left hides that a later one published: see `isPublished`.
        if (earlier !== undefined && (await haveSameContent(unfinished, earlier))) return earlier;
        const base = `${basename(source.path, extname(source.path))}.${names[record.kind]}`;
        const [published] = await publishAll([unfinished], folder, base, journal, '.csv');
        return published!;
      } finally {
        await rm(unfinished, { force: true });
      }
    });
    // What an earlier owner left, which ended or was fenced off. A later one may be writing.
    await removeOwnFiles(work, (name) => (epochOf(name) ?? Infinity) < record.epoch);
    return path;
  } catch (error) {
    throw fileError(error, 'write the results to', folder);
  } finally {
    // Another process may use the folder: see `Guard`.
    await rmdir(work).catch(() => undefined);
  }
}

function epochOf(name: string): number | undefined {
  const [, epoch] = /^results-(\d+)\.csv$/.exec(name) ?? [];
  return epoch === undefined ? undefined : Number(epoch);
}

/** True if an earlier process published the results and ended before recording it. */
async function isPublished(path: string, work: string): Promise<boolean> {
  const published = await identityOf(path);
  if (published === undefined) return false;
  const left = await readdir(work).catch(() => []);
  const files = await Promise.all(left.map((name) => identityOf(join(work, name))));
  return files.length === 0 || files.includes(published);
}

/** False for anything but files. */
async function haveSameContent(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((path) => lstat(path).catch(() => undefined)));
  if (first?.isFile() !== true || second?.isFile() !== true || first.size !== second.size) return false;
  const [digest, otherDigest] = await Promise.all([one, other].map(digestOf));
  return digest === otherDigest;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await withRegularFile(path, (file) => pipeline(file.createReadStream({ autoClose: false }), hash));
  return hash.digest('hex');
}

async function identityOf(path: string): Promise<string | undefined> {
  const entry = await stat(path, { bigint: true }).catch(() => undefined);
  return entry && fileIdentity(entry);
}

async function writeTo(
  path: string,
  { source, kind, change }: BulkRecord,
  outcomes: ReadonlyMap<number, Outcome>,
  unzipLimit: number | undefined,
): Promise<void> {
  const isUsers = kind === 'delete-users';
  await rm(path, { force: true });
  const file = await open(path, 'wx', outputFile());
  try {
    await file.appendFile(`Line,${isUsers ? 'User.UserId,Id,ChannelType' : 'Id'},Outcome,Message\n`);
    for await (const { index, line, id } of bulkItems(source.path, kind, change, { unzipLimit })) {
      const { kind: outcome, message = '', endpoints } = outcomes.get(index) ?? unknown;
      const rows = isUsers ? (endpoints ?? [{ id: '', channel: '' }]) : [undefined];
      for (const endpoint of rows) {
        const cells = [
          String(line),
          id,
          ...(endpoint ? [endpoint.id, endpoint.channel] : []),
          outcome,
          message,
        ];
        await file.appendFile(`${cells.map(cell).join(',')}\n`);
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

const unknown: Outcome = { kind: 'unknown', message: 'The outcome of this record is unknown' };

/** The apostrophe makes a spreadsheet read an Id as text, not as a formula; some cut at other separators than commas. */
function cell(text: string): string {
  const plain = text.replace(/(^|[;\t|\r\n])(?=[^\S\t\r\n]*[=+\-@\t\r\uff0b\uff0d\uff1d\uff20])/g, "$1'");
  return /[",;|\t\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
