import { basename, dirname, extname } from 'node:path';
import { writeOutputs } from '../../endpoints/transform/output.ts';
import { bulkItems } from './bulkItems.ts';
import type { BulkRecord, Outcome } from './bulkRecord.ts';

const names: Readonly<Record<BulkRecord['kind'], string>> = {
  'update-endpoints': 'updated',
  'delete-endpoints': 'deleted',
  'delete-users': 'erased',
};

/**
 * Writes what became of each line beside the file of Ids, as CSV; resolves with its path. Holds Ids and no other content.
 * A user has a row for each endpoint that was deleted.
 */
export async function writeResults(
  record: BulkRecord,
  outcomes: readonly Outcome[],
  unzipLimit?: number,
): Promise<string> {
  const { source, kind, change } = record;
  const base = basename(source.path, extname(source.path));
  const plan = {
    folder: dirname(source.path),
    name: (_index: number, _count: number, suffix: string) => `${base}.${names[kind]}${suffix}.csv`,
    onConflict: 'number',
  } as const;
  const isUsers = kind === 'delete-users';
  const { outputs } = await writeOutputs(plan, async (next) => {
    const file = await next();
    await file.write(`Line,${isUsers ? 'User.UserId,Id,ChannelType' : 'Id'},Outcome,Message\n`);
    for await (const { index, line, id } of bulkItems(source.path, kind, change, { unzipLimit })) {
      const { kind: outcome, message = '', endpoints } = outcomes[index] ?? { kind: 'failed' };
      const rows = isUsers ? (endpoints ?? [{ id: '', channel: '' }]) : [undefined];
      for (const endpoint of rows) {
        const cells = [
          String(line),
          id,
          ...(endpoint ? [endpoint.id, endpoint.channel] : []),
          outcome,
          message,
        ];
        await file.write(`${cells.map(cell).join(',')}\n`);
      }
    }
  });
  return outputs[0]!.path;
}

/** People open the file in a spreadsheet, which must not take an Id for a formula: an apostrophe makes it text there. */
function cell(text: string): string {
  const plain = /^[\s]*[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
