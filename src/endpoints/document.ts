import { StreamRun } from './stretches.ts';
import { Text } from './bytes.ts';
import type { FileType, Issue, SeverityOverrides, ValidationResult } from './finding.ts';
import { Ledger } from './ledger.ts';
import { SharedState } from './sharedState.ts';
import { resultOf } from './validate.ts';

/** A change of a text, as editors tell it: 0-based places in the text before it, columns in UTF-16 code units. */
export interface TextChange {
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
  readonly text: string;
}

export interface DocumentOptions {
  readonly type: FileType;
  readonly severity?: SeverityOverrides | undefined;
  /** As in `ValidateOptions`. */
  readonly maxIssues?: number | undefined;
  readonly maxIssuesPerCode?: number | undefined;
}

/**
 * Judges a text that is open in an editor, and after each change only what the change touches.
 * Its findings are those that the file would have if it held this text.
 */
export class DocumentJudge {
  readonly #options: DocumentOptions;
  #lines: string[];

  /** `text` is the whole text; lines may end in LF, CRLF or CR. */
  constructor(text: string, options: DocumentOptions) {
    this.#options = options;
    this.#lines = splitLines(text);
  }

  /** Applies changes in their order, each to the text that the ones before it left. */
  update(changes: readonly TextChange[]): void {
    for (const { startLine, startCharacter, endLine, endCharacter, text } of changes) {
      const before = this.#lines[startLine]!.slice(0, startCharacter);
      const behind = this.#lines[endLine]!.slice(endCharacter);
      this.#lines.splice(startLine, endLine - startLine + 1, ...splitLines(before + text + behind));
    }
  }

  /** What is wrong now. */
  result(): ValidationResult {
    const { type, severity = {}, maxIssues = 1000, maxIssuesPerCode = 200 } = this.#options;
    const bytes = new TextEncoder().encode(this.#lines.join('\n'));
    const issues: Issue[] = [];
    const state = new SharedArrayBuffer(SharedState.bytes);
    const expectedRecords = this.#lines.length + 64;
    const run = new StreamRun(
      new Text(Math.max(64, bytes.length)),
      {
        type,
        severity,
        cap: Math.min(maxIssues, maxIssuesPerCode),
        head: bytes,
        headIsAll: true,
        size: 0,
        stretchBytes: 0,
        state,
        memory: new SharedArrayBuffer(Ledger.bytesFor(2 * expectedRecords)),
        expectedRecords,
      },
      (found) => issues.push(...found),
    );
    run.add(bytes);
    run.end();
    return resultOf(type, new SharedState(state), issues, maxIssues, bytes.length);
  }
}

/** Lines as editors see them, without their ends. */
function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}
