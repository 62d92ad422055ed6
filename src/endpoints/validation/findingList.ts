import * as abi from '../engine/abi.ts';
import type { Finding, SeverityOverrides } from '../rules/finding.ts';
import type { Severity } from '../rules/rule.ts';
import { ruleCodes, rules, type RuleCode } from '../rules/ruleTable.ts';
import type { Text } from '../model/byteText.ts';

export const severities = ['error', 'warning', 'info'] as const satisfies readonly Severity[];

/** The severity of a finding: `usual` unless the user overrides it. `check-incomplete` can't be changed. */
export function severityOf(code: RuleCode, usual: Severity, overrides: SeverityOverrides): Severity | 'off' {
  return code === 'check-incomplete' ? 'error' : (overrides[code] ?? usual);
}

/** The index of a code in counts and caps. */
const codeIndex = Object.fromEntries(ruleCodes.map((code, index) => [code, index])) as Readonly<
  Record<RuleCode, number>
>;

export type Range = Pick<Finding, 'line' | 'column' | 'endLine' | 'endColumn'>;

/**
 * The range of the bytes from `start` to `end`, where `line` starts at or before `lineStart`. Lines are those that editors
 * show: a carriage return without a line feed also ends one.
 */
export function rangeOf(text: Text, line: number, lineStart: number, start: number, end: number): Range {
  return new RangeFinder(text).rangeOf(line, lineStart, start, end);
}

/** Finds ranges one after another: each is searched from the previous one, however long the line is. */
export class RangeFinder {
  readonly #text: Text;
  #lineStart = -1;
  // The start of the last range: its line and where that starts, its offset, and its code units from the start of that line.
  #line = 0;
  #lineOffset = 0;
  #at = 0;
  #units = 0;

  constructor(text: Text) {
    this.#text = text;
  }

  rangeOf(line: number, lineStart: number, start: number, end: number): Range {
    if (lineStart !== this.#lineStart || start < this.#lineOffset) {
      this.#lineStart = this.#at = this.#lineOffset = lineStart;
      this.#line = line;
      this.#units = 0;
    }
    this.#goTo(start);
    const [at, startLine, lineOffset, startUnits] = [this.#at, this.#line, this.#lineOffset, this.#units];
    this.#goTo(end);
    const range = {
      line: startLine,
      column: 1 + startUnits,
      endLine: this.#line,
      endColumn: 1 + this.#units,
    };
    [this.#at, this.#line, this.#lineOffset, this.#units] = [at, startLine, lineOffset, startUnits];
    return range;
  }

  #goTo(offset: number): void {
    const text = this.#text;
    if (offset < this.#at) {
      this.#units -= text.units(offset, this.#at);
      this.#at = offset;
      return;
    }
    for (let next = text.nextLine(this.#at, offset); next <= offset; next = text.nextLine(this.#at, offset)) {
      this.#line++;
      this.#at = this.#lineOffset = next;
      this.#units = 0;
    }
    this.#units += text.units(this.#at, offset);
    this.#at = offset;
  }
}

/** Collects findings: true totals, and details up to a cap per code and severity. */
export class FindingList {
  /** By code and severity: code index * 3 + severity index. */
  readonly counts = new Uint32Array(abi.ruleCount * severities.length);
  /** Details kept, with the same indices. */
  readonly kept = new Uint32Array(this.counts.length);
  readonly issues: Finding[] = [];
  readonly #severity: SeverityOverrides;
  readonly #cap: number;

  /** `cap`: maximum number of details per code and severity. */
  constructor(severity: SeverityOverrides, cap: number) {
    this.#severity = severity;
    this.#cap = cap;
  }

  /** Adds a finding unless its rule is off. */
  addAt(code: RuleCode, rangeOf: () => Range, message: string, usual: Severity = rules[code].severity): void {
    const severity = severityOf(code, usual, this.#severity);
    if (severity === 'off') return;
    const index = indexOf(code, severity);
    this.counts[index]!++;
    // An incomplete check is reported however few findings are requested.
    if (this.kept[index]! >= this.#cap && code !== 'check-incomplete') return;
    this.kept[index]!++;
    this.issues.push({ ...rangeOf(), severity, code, message });
  }

  /** Counts findings without details. */
  count(code: RuleCode, count: number): void {
    const severity = severityOf(code, rules[code].severity, this.#severity);
    if (severity !== 'off') this.counts[indexOf(code, severity)]! += count;
  }
}

/** The index of a code and severity in counts. */
export function indexOf(code: RuleCode, severity: Severity): number {
  return codeIndex[code] * 3 + severities.indexOf(severity);
}

/** Collects the findings in the start of a file. */
export class HeadFindings extends FindingList {
  readonly #finder: RangeFinder;

  constructor(text: Text, severity: SeverityOverrides, cap: number) {
    super(severity, cap);
    this.#finder = new RangeFinder(text);
  }

  /** Adds a finding for the bytes from `start` to `end`, unless its rule is off. `line` starts at `lineStart`. */
  add(
    code: RuleCode,
    line: number,
    lineStart: number,
    start: number,
    end: number,
    message: string,
    usual?: Severity,
  ): void {
    this.addAt(code, () => this.#finder.rangeOf(line, lineStart, start, end), message, usual);
  }
}
