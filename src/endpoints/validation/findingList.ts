import * as abi from '../engine/abi.ts';
import type { Issue, SeverityOverrides } from '../rules/finding.ts';
import type { Severity } from '../rules/rule.ts';
import { ruleCodes, rules, type RuleCode } from '../rules/ruleTable.ts';
import type { Text } from '../model/byteText.ts';

export const severities = ['error', 'warning', 'info'] as const satisfies readonly Severity[];

/** How severe a finding is, which `usual` says unless the user wants something else. That a check is incomplete cannot be switched off. */
export function severityOf(code: RuleCode, usual: Severity, overrides: SeverityOverrides): Severity | 'off' {
  return code === 'check-incomplete' ? 'error' : (overrides[code] ?? usual);
}

/** The index of a code in counts and caps. */
const codeIndex = Object.fromEntries(ruleCodes.map((code, index) => [code, index])) as Readonly<
  Record<RuleCode, number>
>;

export type Place = Pick<Issue, 'line' | 'column' | 'endLine' | 'endColumn'>;

/**
 * Where a line was found, for places in the same record and text: a value of nothing but carriage returns has a line, and a finding, for
 * each of them.
 */
export interface KnownLine {
  /** Of the record: -1 if nothing is known yet. */
  lineStart: number;
  at: number;
  line: number;
}

/**
 * The place of the bytes from `start` to `end`, where `line` begins at `lineStart` or before. Lines are those that editors show:
 * a carriage return without a line feed ends one, too.
 */
export function placeOf(
  text: Text,
  line: number,
  lineStart: number,
  start: number,
  end: number,
  known?: KnownLine,
): Place {
  let at = lineStart;
  if (known?.lineStart === lineStart && known.at <= start) ({ at, line } = known);
  const columnOf = (offset: number): number => {
    for (let next = text.nextLine(at, offset); next <= offset; next = text.nextLine(at, offset)) {
      line++;
      at = next;
    }
    return 1 + text.units(at, offset);
  };
  const column = columnOf(start);
  const startLine = line;
  if (known) Object.assign(known, { lineStart, at, line });
  const endColumn = columnOf(end);
  return { line: startLine, column, endLine: line, endColumn };
}

/** Collects findings: true totals always, details up to a cap for each code and severity. */
export class FindingList {
  /** By code and severity: index of the code * 3 + index of the severity. */
  readonly counts = new Uint32Array(abi.ruleCount * severities.length);
  /** Details kept, in the same way. */
  readonly kept = new Uint32Array(this.counts.length);
  readonly issues: Issue[] = [];
  readonly #severity: SeverityOverrides;
  readonly #cap: number;

  /** `cap`: the most details of one code and severity. */
  constructor(severity: SeverityOverrides, cap: number) {
    this.#severity = severity;
    this.#cap = cap;
  }

  /** Adds a finding, unless the user switched its rule off. */
  addAt(code: RuleCode, range: Place, message: string, usual: Severity = rules[code].severity): void {
    const severity = severityOf(code, usual, this.#severity);
    if (severity === 'off') return;
    const index = indexOf(code, severity);
    this.counts[index]!++;
    // That not everything was checked is said however few findings are wanted.
    if (this.kept[index]! >= this.#cap && code !== 'check-incomplete') return;
    this.kept[index]!++;
    this.issues.push({ ...range, severity, code, message });
  }

  /** Counts findings of which there are no details. */
  count(code: RuleCode, count: number): void {
    const severity = severityOf(code, rules[code].severity, this.#severity);
    if (severity !== 'off') this.counts[indexOf(code, severity)]! += count;
  }
}

function indexOf(code: RuleCode, severity: Severity): number {
  return codeIndex[code] * 3 + severities.indexOf(severity);
}

/** Collects what is found in the head of a file. */
export class Findings extends FindingList {
  readonly #text: Text;

  constructor(text: Text, severity: SeverityOverrides, cap: number) {
    super(severity, cap);
    this.#text = text;
  }

  /** Adds a finding in the bytes from `start` to `end`, unless the user switched its rule off. `line` begins at `lineStart`. */
  add(
    code: RuleCode,
    line: number,
    lineStart: number,
    start: number,
    end: number,
    message: string,
    usual?: Severity,
  ): void {
    this.addAt(code, placeOf(this.#text, line, lineStart, start, end), message, usual);
  }
}
