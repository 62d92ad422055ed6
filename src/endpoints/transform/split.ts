import { AudienceError } from '../../errors.ts';
import { CsvRows } from './csvRow.ts';
import type { Encoding } from './textLines.ts';
import { readLines } from './textLines.ts';
import type { OutputFile } from './output.ts';
import { isBlank, toLinesFirst } from './jsonPlace.ts';
import type { Source } from './source.ts';
import type { Run, TransformOptions, TransformReport } from './transform.ts';
import { extensionOf, transform, withoutExtension, withoutRecords } from './transform.ts';

export interface SplitOptions extends TransformOptions {
  /** Maximum size of a part in bytes, including its header. */
  readonly maxBytes?: number | undefined;
  /** Maximum number of records in a part. At least one of the two limits is required. */
  readonly maxRecords?: number | undefined;
}

/** Maximum number of files in one import job (Developer Guide, Quotas). */
const maxParts = 10_000;

/** Bytes are decoded as latin1, so that parts hold exactly the bytes of the source. */
const encoding: Encoding = 'latin1';

/**
 * Splits a file between records into parts `name.part-001.csv` and so on, each as full as possible. Each part repeats
 * the header of a CSV file; without it, the concatenated parts equal the source, except for a byte order mark.
 * Rejects like `transform`, and with `bad-input` for a record that is larger than a part and for too many parts.
 */
export function splitFile(options: SplitOptions): Promise<TransformReport> {
  const { maxBytes = Infinity, maxRecords = Infinity } = options;
  if (Math.min(maxBytes, maxRecords) === Infinity || !(maxBytes >= 1 && maxRecords >= 1)) {
    throw new AudienceError('bad-input', 'No maximum size or number of records specified', {
      help: 'Enter a number of 1 or more.',
    });
  }
  return transform(options, (source) => ({
    kind: 'split',
    passes: () => 1,
    target: withoutExtension(source.path) + extensionOf(source),
    part: (index, count) => `.part-${String(index + 1).padStart(Math.max(3, String(count).length), '0')}`,
    work: async (run) => {
      const parts = new Parts(run, maxBytes, maxRecords);
      if (source.type === 'csv') await splitCsv(source, parts);
      else await splitNdjson(source, parts);
      await parts.flush();
      if (parts.records === 0) throw withoutRecords(source);
    },
  }));
}

async function splitCsv(source: Source, parts: Parts): Promise<void> {
  const rows = new CsvRows(source);
  let header: string | undefined;
  for await (const lines of readLines(source, encoding)) {
    for (const line of lines) {
      const row = rows.take(line);
      if (row === undefined) continue;
      const text = row.text + (row.ended ? '\n' : '');
      if (header !== undefined) await parts.add(text, row.line, row.blank ? 0 : 1);
      else {
        header = text;
        parts.header = text;
      }
    }
    await parts.flush();
  }
  rows.finish();
}

async function splitNdjson(source: Source, parts: Parts): Promise<void> {
  for await (const lines of readLines(source, encoding)) {
    for (const line of lines) {
      if (!/^\s*(?:\{.*\}\s*)?$/s.test(line.text)) throw notOneObject(source, line.number);
      await parts.add(line.text + (line.ended ? '\n' : ''), line.number, isBlank(line) ? 0 : 1);
    }
    await parts.flush();
  }
}

/** JSON that spans several lines must not be split. */
function notOneObject(source: Source, line: number): AudienceError {
  return new AudienceError('bad-input', `Line ${line} of ${source.name} isn't a JSON object`, {
    help: toLinesFirst,
  });
}

/** Fills parts one after another. */
class Parts {
  header = '';
  records = 0;
  readonly #run: Run;
  readonly #maxBytes: number;
  readonly #maxRecords: number;
  #file: OutputFile | undefined;
  #count = 0;
  /** Bytes of the current part, including unwritten ones. */
  #bytes = 0;
  #pending = '';

  constructor(run: Run, maxBytes: number, maxRecords: number) {
    this.#run = run;
    this.#maxBytes = maxBytes;
    this.#maxRecords = maxRecords;
  }

  /** `records`: 1, or 0 for an empty line. */
  async add(text: string, line: number, records: number): Promise<void> {
    const file = this.#file;
    const fits =
      file !== undefined &&
      this.#bytes + text.length <= this.#maxBytes &&
      file.records + records <= this.#maxRecords;
    const current = fits ? file : await this.#begin(text, line);
    this.#pending += text;
    this.#bytes += text.length;
    current.records += records;
    this.records += records;
  }

  async flush(): Promise<void> {
    await this.#file?.write(this.#pending, encoding);
    this.#pending = '';
  }

  async #begin(text: string, line: number): Promise<OutputFile> {
    const { name } = this.#run.source;
    if (this.header.length + text.length > this.#maxBytes) {
      const withHeader = this.header === '' ? '' : ' with the header';
      throw new AudienceError(
        'bad-input',
        `The record in line ${line} of ${name} has ${this.header.length + text.length} bytes${withHeader}. The maximum is ${this.#maxBytes}`,
        { help: 'Choose larger parts.' },
      );
    }
    if (++this.#count > maxParts) {
      throw new AudienceError('bad-input', `${name} would have more than ${maxParts} parts`, {
        help: 'Choose larger parts: an import job accepts no more files.',
      });
    }
    await this.flush();
    this.#file = await this.#run.next();
    this.#pending = this.header;
    this.#bytes = this.header.length;
    return this.#file;
  }
}
