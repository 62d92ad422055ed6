import type { ExportRun, Placing, RunRecord } from './runRecord.ts';
import { isNewerRecord, isRunRecord } from './runRecordValidator.ts';

/** A record, or why there is none: `newer` where a later version of the extension wrote it. */
export type Reading = { readonly record: RunRecord } | { readonly fault: 'newer' | 'broken' };

/** Reads the text of a record's file, and believes nothing of it that it has not looked at. */
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

/** Schema 1 is the same without queue, parts and watched jobs; both older ones have no epoch. */
function withEpoch(value: object): RunRecord | undefined {
  const record = value as Omit<RunRecord, 'schema' | 'epoch'> & { schema: number; epoch?: number };
  if (record.schema < 3) return { ...record, ...placingsOf(record), schema: 3, epoch: 0 };
  return record.epoch === undefined ? undefined : { ...record, schema: 3, epoch: record.epoch };
}

/** Before schema 3 there was room for one download. */
function placingsOf({ export: to }: Pick<RunRecord, 'export'>): Pick<RunRecord, 'export'> {
  if (to === undefined) return {};
  const { placing, ...run } = to as ExportRun & { readonly placing?: Omit<Placing, 'epoch'> };
  return { export: { ...run, ...(placing && { placings: [{ ...placing, epoch: 0 }] }) } };
}

/** A job of ours that runs, is named. */
function hasAllParts({ state, job, parts, import: run }: RunRecord): boolean {
  if (parts === undefined) return state !== 'running' || job !== undefined;
  return parts.every(
    (each) =>
      (each.state !== 'running' || each.job !== undefined) && each.first + each.count <= run!.files.length,
  );
}
