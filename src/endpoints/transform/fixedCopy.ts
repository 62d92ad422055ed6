import { limits } from '../model/attributes.ts';
import { fixableCodes } from '../editing/fixes.ts';
import { FixRecords, type Fixed, type FixOptions, type LeftColumns } from './fixRecords.ts';
import type { OutputFile } from './output.ts';
import type { TransformOptions, TransformReport } from './transform.ts';
import { extensionOf, transform, withoutExtension, withoutRecords } from './transform.ts';

export interface FixedCopyOptions extends TransformOptions, FixOptions {
  /** The most bytes of the copy; more go into further files. Default: what an import job takes. */
  readonly maxBytes?: number | undefined;
}

/** What a fixed copy has that its source has not. Holds no value of the file. */
export interface FixedCopyReport extends TransformReport {
  readonly kind: 'fix';
  readonly fixed: readonly Fixed[];
  /** Lines of the source, besides the header, in which something was put right where it stands. */
  readonly changedLines: number;
  /** Set where columns should have been written anew, and could not without a guess. */
  readonly left?: LeftColumns;
}

/** The most that an import job takes by either reading of "1 GB" (Developer Guide, Quotas). */
const maxImportBytes = limits.fileBytesWarning - 1;

/**
 * Writes a copy of a file of any size in which every finding is put right whose fix needs no choice: by default beside
 * it as `name.fixed.csv`, or as `name.fixed.part-001.csv` and so on where it would be too large for an import. A copy
 * is never compressed. Everything that no fix touches keeps its bytes. Rejects as `transform`.
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
