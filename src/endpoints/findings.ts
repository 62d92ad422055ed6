import { utf16Units, type Text } from './bytes.ts';
import type { Issue, Severity, SeverityOverrides } from './finding.ts';
import { ruleCodes, rules, type RuleCode } from './rules.ts';

export const severities = ['error', 'warning', 'info'] as const satisfies readonly Severity[];

/** The index of a code in counts and caps. */
export const codeIndex = Object.fromEntries(ruleCodes.map((code, index) => [code, index])) as Readonly<
  Record<RuleCode, number>
>;

/**
 * Collects what the rules find in one stretch of a file: true totals always, details up to a cap for each code.
 * A rule asks `wants` first, which counts, and makes its message only where the detail will be kept.
 */
export class Findings {
  /** By code and severity: index of the code * 3 + index of the severity. */
  readonly counts = new Float64Array(ruleCodes.length * severities.length);
  /** In lines of the stretch: 1 is its first. */
  issues: Issue[] = [];
  readonly #text: Text;
  readonly #severity: SeverityOverrides;
  readonly #cap: number;
  readonly #keptBefore: Int32Array;
  readonly #kept = new Int32Array(ruleCodes.length);
  #pendingSeverity: Severity = 'error';
  #pendingCode: RuleCode = 'file-empty';
  #line = 1;
  #lineStart = 0;

  /**
   * `cap`: the most details of one code in the whole file. `keptBefore`: how many earlier stretches have kept, by code;
   * it may grow while this stretch is judged.
   */
  constructor(text: Text, severity: SeverityOverrides, cap: number, keptBefore: Int32Array) {
    this.#text = text;
    this.#severity = severity;
    this.#cap = cap;
    this.#keptBefore = keptBefore;
  }

  /** How many details this stretch keeps, by code. */
  get kept(): Int32Array {
    return this.#kept;
  }

  /** Begins a new stretch. */
  clear(): void {
    this.counts.fill(0);
    this.#kept.fill(0);
    this.issues = [];
  }

  /** Where the record under judgement begins: its line in this stretch and the offset of that line. */
  at(line: number, lineStart: number): void {
    this.#line = line;
    this.#lineStart = lineStart;
  }

  /** Counts a finding, unless the user switched it off; true where `add` is to follow with its place and message. */
  wants(code: RuleCode, severity: Severity = rules[code].severity): boolean {
    const judged = this.#severity[code] ?? severity;
    if (judged === 'off') return false;
    const index = codeIndex[code];
    this.counts[index * 3 + severities.indexOf(judged)]!++;
    if (this.#keptBefore[index]! + this.#kept[index]! >= this.#cap) return false;
    this.#kept[index]!++;
    this.#pendingCode = code;
    this.#pendingSeverity = judged;
    return true;
  }

  /** The detail of the finding that `wants` was asked for last: the bytes from `start` to `end`. */
  add(start: number, end: number, message: string): void {
    const { bytes } = this.#text;
    let line = this.#line;
    let lineStart = this.#lineStart;
    const seek = (offset: number): number => {
      for (let lf = bytes.indexOf(10, lineStart); lf >= 0 && lf < offset; lf = bytes.indexOf(10, lineStart)) {
        line++;
        lineStart = lf + 1;
      }
      return 1 + utf16Units(this.#text, lineStart, offset);
    };
    const column = seek(start);
    const startLine = line;
    const endColumn = seek(end);
    this.addPlace({ line: startLine, column, endLine: line, endColumn }, message);
  }

  /** The same with a place in lines of the stretch. */
  addPlace(place: Pick<Issue, 'line' | 'column' | 'endLine' | 'endColumn'>, message: string): void {
    this.issues.push({ ...place, severity: this.#pendingSeverity, code: this.#pendingCode, message });
  }
}
