import { limits } from '../model/attributes.ts';
import { fixableCodes } from '../editing/fixes.ts';
import { FixRecords, type Fixed, type FixOptions, type LeftColumns } from './fixRecords.ts';
import type { OutputFile } from './output.ts';
import type { TransformOptions, TransformReport } from './transform.ts';
import { extensionOf, transform, withoutExtension, withoutRecords } from './transform.ts';

export interface FixedCopyOptions extends TransformOptions, FixOptions {
  /** Maximum size of one file in bytes; the rest goes into further files. Default: the limit of an import job. */
  readonly maxBytes?: number | undefined;
}

/** What was fixed in the copy. Holds no values of the file. */
export interface FixedCopyReport extends TransformReport {
  readonly kind: 'fix';
  readonly fixed: readonly Fixed[];
  /** Number of source lines with fixes in place, the header excluded. */
  readonly changedLines: number;
  /** Set if columns should have been rewritten but couldn't be. */
  readonly left?: LeftColumns;
}

/** The limit of an import job by either reading of "1 GB" (Developer Guide, Quotas). */
const maxImportBytes = limits.fileBytesWarning - 1;

/**
 * Writes a copy of a file of any size with every certain fix applied: by default next to it as `name.fixed.csv`, or as
 * `name.fixed.part-001.csv` and so on if it would be too large for an import. A copy is never compressed, and
 * everything else stays byte for byte. Rejects like `transform`.
 */
export async function writeFixedCopy(options: FixedCopyOptions): Promise<FixedCopyReport> {
  const codes = new Set(options.codes ?? fixableCodes);
  const maxBytes = options.maxBytes ?? (codes.has('file-too-large') ? maxImportBytes : Infinity);
  let records: FixRecords | undefined;
  const report = await transform(options, (source) => {
    const fix = new FixRecords(source.type, options);
    records = fix;
    return {
      kind: 'fix',
      passes: () => fix.passes,
      target: `${withoutExtension(source.path)}.fixed${extensionOf(source)}`,
      part: (index, count) =>
        count === 1 ? '' : `.part-${String(index + 1).padStart(Math.max(3, String(count).length), '0')}`,
      work: async (run) => {
        let file: OutputFile | undefined;
        let header: Buffer | undefined;
        for await (const { after, records } of fix.pieces(source)) {
          const isHeader = file === undefined && source.type === 'csv';
          if (isHeader) header = after;
          if (file === undefined || file.bytes + after.length > maxBytes) {
            file = await run.next();
            if (source.hadByteOrderMark && !codes.has('file-bom')) await file.writeBytes(byteOrderMark);
            if (header && !isHeader) await file.writeBytes(header);
          }
          await file.writeBytes(after);
          file.records += records;
        }
        if (file === undefined) throw withoutRecords(source);
        if (source.hadByteOrderMark && codes.has('file-bom')) fix.note('file-bom', 1);
        if (source.wasPacked) fix.note('file-compressed', 1);
      },
    };
  });
  const { fixed, changedLines, left } = records!;
  const isSplit = report.outputs.length > 1;
  return {
    ...report,
    kind: 'fix',
    fixed: isSplit ? [...fixed, { code: 'file-too-large', count: 1, lines: [1] }] : fixed,
    changedLines,
    ...(left && { left }),
  };
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
