import type { ExportRun, Placing, RunRecord } from './runRecord.ts';
import { isNewerRecord, isRunRecord } from './runRecordValidator.ts';

/** A record, or why it can't be used: `newer` if a later version of the extension wrote it. */
export type Reading = { readonly record: RunRecord } | { readonly fault: 'newer' | 'broken' };

/** Reads the text of a record's file; trusts nothing that it hasn't checked. */
export function readRecord(text: string, id: string): Reading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'broken' };
  }
  if (isNewerRecord(value)) return { fault: 'newer' };
  if (!isRunRecord(value)) return { fault: 'broken' };
  const record = withEpoch(value as object);
  if (record?.id !== id || !isUrl(record.endpointUrl)) return { fault: 'broken' };
  return hasAllParts(record) ? { record } : { fault: 'broken' };
}

function isUrl(url: string | undefined): boolean {
  return url === undefined || URL.canParse(url);
}

/** Schema 1 lacks queue, parts and watched jobs; schemas 1 and 2 lack the epoch. */
function withEpoch(value: object): RunRecord | undefined {
  const record = value as Omit<RunRecord, 'schema' | 'epoch'> & { schema: number; epoch?: number };
  if (record.schema < 3) return { ...record, ...placingsOf(record), schema: 3, epoch: 0 };
  return record.epoch === undefined ? undefined : { ...record, schema: 3, epoch: record.epoch };
}

/** Before schema 3, a record had one download. */
function placingsOf({ export: to }: Pick<RunRecord, 'export'>): Pick<RunRecord, 'export'> {
  if (to === undefined) return {};
  const { placing, ...run } = to as ExportRun & { readonly placing?: Omit<Placing, 'epoch'> };
  return { export: { ...run, ...(placing && { placings: [{ ...placing, epoch: 0 }] }) } };
}

/** A running job needs its service job; parts must refer to existing files. */
function hasAllParts({ state, job, parts, import: run }: RunRecord): boolean {
  if (parts === undefined) return state !== 'running' || job !== undefined;
  return parts.every(
    (each) =>
      (each.state !== 'running' || each.job !== undefined) && each.first + each.count <= run!.files.length,
  );
}
