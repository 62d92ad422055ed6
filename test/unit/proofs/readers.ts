import { Text } from '../../../src/endpoints/bytes.ts';
import { CsvReader } from '../../../src/endpoints/csv.ts';
import { readHeader } from '../../../src/endpoints/csvHeader.ts';
import { Facts } from '../../../src/endpoints/facts.ts';
import type { Issue } from '../../../src/endpoints/finding.ts';
import { Findings } from '../../../src/endpoints/findings.ts';
import { NdjsonReader } from '../../../src/endpoints/ndjson.ts';
import { RecordJudge, unescape } from '../../../src/endpoints/record.ts';
import type { RecordSource } from '../../../src/endpoints/record.ts';
import { ruleCodes } from '../../../src/endpoints/rules.ts';
import { leafFlag, Slots } from '../../../src/endpoints/slots.ts';

/** What a reader takes for the values of one record: where each belongs, and its text. Empty cells are no values. */
export interface ReadRecord {
  readonly line: number;
  readonly values: readonly (readonly [slot: number, value: string])[];
}

export interface Reading {
  readonly records: readonly ReadRecord[];
  /** What the reader itself says: of quotes, columns, JSON, types and names. */
  readonly issues: readonly Issue[];
  /** The name of each slot. */
  readonly names: readonly string[];
}

/** Takes down what a reader hands over to be judged, instead of judging it. */
class Recorder extends RecordJudge {
  readonly records: ReadRecord[] = [];
  readonly #text: Text;

  constructor(text: Text, slots: Slots, found: Findings) {
    super(text, slots, found, new Facts());
    this.#text = text;
  }

  override judge(_source: RecordSource, count: number, line: number): void {
    const { slots, starts, ends, flags } = this.leaves;
    const values = Array.from({ length: count }, (_, leaf) => {
      const flag = flags[leaf]!;
      const [from, to] = [starts[leaf]!, ends[leaf]!];
      if ((flag & (leafFlag.doubledQuotes | leafFlag.backslashes)) === 0)
        return [slots[leaf]!, this.#text.string(from, to)] as const;
      const start = this.#text.scratch;
      return [slots[leaf]!, this.#text.string(start, start + unescape(this.#text, from, to, flag))] as const;
    });
    this.records.push({ line, values });
  }
}

function load(content: string): Text {
  const bytes = Buffer.from(content);
  const text = new Text(Math.max(64, bytes.length));
  text.bytes.set(bytes);
  text.finish(bytes.length);
  return text;
}

function findingsOf(text: Text): Findings {
  return new Findings(text, {}, 1_000_000, new Int32Array(ruleCodes.length));
}

/** Reads all records of a CSV file. Slots are columns. */
export function readCsv(content: string): Reading {
  const text = load(content);
  const slots = new Slots();
  const found = findingsOf(text);
  const recorder = new Recorder(text, slots, found);
  const header = readHeader(text, 0, slots)!;
  const reader = new CsvReader(text, header, slots, recorder, found);
  reader.clear();
  // The reader counts lines from where it begins to read.
  reader.lines = header.line;
  reader.read(header.next, text.end, true);
  return { records: recorder.records, issues: found.issues, names: slots.names };
}

/** Reads all records of an NDJSON file. */
export function readNdjson(content: string): Reading {
  const text = load(content);
  const slots = new Slots();
  const found = findingsOf(text);
  const recorder = new Recorder(text, slots, found);
  const reader = new NdjsonReader(text, slots, recorder, found);
  reader.clear();
  reader.read(0, text.end, true);
  return { records: recorder.records, issues: found.issues, names: slots.names };
}
