import { hashKeyBytes } from '../../src/endpoints/engine/abi.ts';
import { createArena } from '../../src/endpoints/validation/sharedMemory.ts';
import { FileValidator } from '../../src/endpoints/validation/fileValidator.ts';
import type { Finding } from '../../src/endpoints/rules/finding.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import type { RuleCode } from '../../src/endpoints/rules/ruleTable.ts';
import { SharedState } from '../../src/endpoints/validation/sharedState.ts';
import { roomFor } from '../../src/endpoints/validation/chunks.ts';
import { EditorLines } from '../support/editorLines.ts';

/** The values of one record as read. Empty cells have none. */
export interface ReadRecord {
  readonly line: number;
  readonly values: readonly { readonly name: string; readonly columnIndex: number; readonly value: string }[];
}

export interface Reading {
  /** Records that are read completely. */
  readonly records: readonly ReadRecord[];
  readonly issues: readonly Finding[];
}

const hashKey = new Uint8Array(hashKeyBytes);
const arena = createArena(roomFor(1 << 20, 8192), 1, true);

/** With these findings, a record is abandoned and its values aren't validated. */
const givenUp: ReadonlySet<RuleCode> = new Set([
  'csv-quote',
  'csv-column-count',
  'csv-blank-line',
  'json-syntax',
  'json-not-object',
  'json-blank-line',
]);

/** Reads a file record by record. */
export function read(content: string, type: FileType): Reading {
  new SharedState(arena.memory.buffer, arena.stateStart).clear();
  const validator = new FileValidator({
    type,
    severity: {},
    cap: 100_000,
    head: Buffer.from(content),
    headIsAll: true,
    arena,
    hashKey,
    memoryBytes: 0,
    spill: false,
  });
  const { engine, dataStart } = validator;
  engine.keepAllValues();
  const linesBefore = new EditorLines(content.slice(0, dataStart)).count - 1;
  const records: ReadRecord[] = [];
  const issues: Finding[] = [...validator.settleHead()];
  validator.begin();
  for (let at = dataStart!; at < engine.text.end;) {
    const line = linesBefore + engine.lines + 1;
    at = engine.read(type, at, at + 1, true);
    const found = engine.fetch().map((issue) => ({
      ...issue,
      line: linesBefore + issue.line,
      endLine: linesBefore + issue.endLine,
    }));
    if (!found.some(({ code }) => givenUp.has(code))) records.push({ line, values: engine.values });
    issues.push(...found);
  }
  return { records, issues };
}
