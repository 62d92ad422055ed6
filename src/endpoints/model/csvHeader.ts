import {
  attributeOf,
  customName,
  limits,
  meantAttribute,
  nearestPath,
  withoutCustomName,
  type Attribute,
} from './attributes.ts';
import * as abi from '../engine/abi.ts';
import type { Cell, Engine } from '../engine/host/engineInstance.ts';
import type { HeadFindings } from '../validation/findingList.ts';
import { isKnownHeader, legible, looksLikeAddress, type Facts } from '../rules/about.ts';
import { messageOf, type RuleCode, type VariantOf } from '../rules/ruleTable.ts';
import type { Text } from './byteText.ts';
import { findingsOfCustomName } from './customNameRules.ts';

const comma = 0x2c;
const cr = 0x0d;
const quote = 0x22;
const tab = 0x09;
const delimiters: ReadonlyMap<number, string> = new Map([
  [comma, 'commas'],
  [0x3b, 'semicolons'],
  [0x09, 'tabs'],
  [0x7c, 'vertical bars'],
]);

/** A column of a CSV file. */
export interface Column {
  readonly name: string;
  readonly attribute: Attribute | undefined;
  /** False if the name is misspelled; `attribute` is what it clearly means. */
  readonly known: boolean;
  readonly cell: Cell;
}

/** The header of a CSV file. */
export interface CsvHeader {
  readonly delimiter: number;
  readonly columns: readonly Column[];
  /** Its line, and text offsets of its start, its end without line break, and the next line. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/** Reads the header of a text: the first non-empty line at or after `start`; `undefined` if there is none. */
export function readHeader(engine: Engine, start: number): CsvHeader | undefined {
  const { text } = engine;
  let from = start;
  for (let line = 1; from < text.end; line++) {
    const lf = text.lineFeed(from);
    const end = lf > from && text.bytes[lf - 1] === cr ? lf - 1 : lf;
    if (end > from) {
      const delimiter = delimiterOf(engine, from, end);
      const cells = cellsOf(engine, from, end, delimiter);
      const names = cells.map((cell) => rawName(text, cell).trim());
      const columns = cells.map((cell, index) => {
        const name = names[index]!;
        const attribute = attributeOf(name);
        return { name, attribute: attribute ?? meantAttribute(name), known: attribute !== undefined, cell };
      });
      return { delimiter, columns, line, start: from, end, next: Math.min(lf + 1, text.end) };
    }
    from = lf + 1;
  }
  return undefined;
}

/**
 * The delimiter of a header: a comma, unless `;`, tab or `|` yields more known columns, or there would be only one column
 * otherwise, and an unknown one.
 */
function delimiterOf(engine: Engine, start: number, end: number): number {
  const splits = [...delimiters.keys()].map((delimiter) => {
    const names = cellsOf(engine, start, end, delimiter).map((cell) => rawName(engine.text, cell).trim());
    const known = names.filter((name) => attributeOf(name) !== undefined).length;
    return { delimiter, known, columns: names.length };
  });
  const [byComma] = splits;
  const isLost = byComma!.columns === 1 && byComma!.known === 0;
  // The comma comes first, and sorting is stable.
  const [best] = splits.toSorted(
    (one, other) => other.known - one.known || (isLost ? other.columns - one.columns : 0),
  );
  return best!.delimiter;
}

/** The cells of a header. After an unclosed quote, they are split as if it weren't there. */
function cellsOf(engine: Engine, start: number, end: number, delimiter: number): Cell[] {
  const cells = engine.splitLine(start, end, delimiter);
  const last = cells.at(-1)!;
  if (!isOpen(last, end)) return cells;
  const [first, ...others] = cellsOf(engine, last.start, end, delimiter);
  return [...cells.slice(0, -1), { ...first!, flags: first!.flags | flagOpen }, ...others];
}

/** The cell follows an unclosed quote. */
const flagOpen = 1 << 16;

function isOpen({ end, flags }: Cell, lineEnd: number): boolean {
  return (flags & abi.flagWrong) !== 0 && (flags & abi.flagQuoted) !== 0 && end === lineEnd;
}

/** An upper bound for the number of columns, from the start of a file. */
export function columnsAtMost(head: Uint8Array): number {
  let columns = 1;
  for (const byte of head) {
    if (byte === 0x2c || byte === 0x3b || byte === 0x09 || byte === 0x7c) columns++;
    else if (byte === 0x0a && columns > 1) break;
  }
  return columns;
}

function rawName(text: Text, { start, end, flags }: Cell): string {
  const name = text.string(start, end);
  return (flags & abi.flagDoubled) !== 0 ? name.replaceAll('""', '"') : name;
}

/** Checks the header. */
export function validateHeader(text: Text, header: CsvHeader, found: HeadFindings): void {
  const { delimiter, columns, line, start, end } = header;
  const add: Add = (code, from, to, facts = {}, variant) =>
    found.add(code, line, start, from, to, messageOf(code, facts, variant));
  if (delimiter !== comma) add('csv-delimiter', start, end, { word: delimiters.get(delimiter)! });
  validateUserList(header, add);
  const isHeader = isKnownHeader(columns);
  const seen = new Set<string>();
  let customNames = 0;
  columns.forEach((column, index) => {
    const { name, cell } = column;
    const quotes = cell.flags & abi.flagQuoted;
    const [from, to] = [cell.start - quotes, Math.min(cell.end + quotes, end)];
    validateQuotes(text, cell, header, add);
    validateControls(text, cell, header, add);
    if (name === '') {
      add('csv-header-empty', from, to, { number: index + 1 });
      return;
    }
    const isNamed = isHeader && !looksLikeAddress(name);
    const subject = isNamed ? `column "${legible(name)}"` : `column ${index + 1}`;
    if (rawName(text, cell) !== name) add('csv-header-space', from, to, { subject });
    for (const [code, facts] of findingsOfName(column, subject, isNamed)) add(code, from, to, facts);
    if (seen.has(name)) {
      if (attributeOf(name)?.type !== 'strings') add('csv-header-duplicate', from, to, { subject });
      return;
    }
    seen.add(name);
    if (customName(name) !== undefined && ++customNames === limits.customNames + 1) {
      add('too-many-attributes', from, to);
    }
  });
}

/** Checks that a list of users has no column of another attribute. Misspelled columns count as those that were probably meant. */
function validateUserList({ columns, end }: CsvHeader, add: Add): void {
  const paths = new Set(columns.map(({ attribute }) => attribute?.path));
  if (!paths.has('User.UserId') || ['Id', 'ChannelType', 'Address'].some((path) => paths.has(path))) return;
  const other = columns.find(({ attribute }) => attribute !== undefined && attribute.path !== 'User.UserId');
  if (other === undefined) return;
  const quotes = other.cell.flags & abi.flagQuoted;
  add('user-ids-columns', other.cell.start - quotes, Math.min(other.cell.end + quotes, end));
}

type Add = <Code extends RuleCode>(
  code: Code,
  from: number,
  to: number,
  facts?: Facts,
  variant?: VariantOf<Code>,
) => void;

/** Checks a header cell for misplaced quotes. */
function validateQuotes({ bytes }: Text, cell: Cell, { delimiter, end }: CsvHeader, add: Add): void {
  if ((cell.flags & flagOpen) !== 0) add('csv-quote', cell.start - 1, cell.start, {}, 'openInHeader');
  if ((cell.flags & abi.flagWrong) === 0) return;
  if ((cell.flags & abi.flagQuoted) === 0) {
    const at = bytes.indexOf(quote, cell.start);
    add('csv-quote', at, at + 1, {}, 'inside');
    return;
  }
  const after = cell.end + 1;
  const next = bytes.indexOf(delimiter, after);
  add('csv-quote', after, next < 0 ? end : Math.min(next, end), {}, 'textAfter');
}

/** Checks a header cell for tabs and line breaks; those around the name count as spaces. */
function validateControls({ bytes }: Text, { start, end }: Cell, { delimiter }: CsvHeader, add: Add): void {
  let [from, to] = [start, end];
  while (from < to && bytes[from]! <= 0x20) from++;
  while (to > from && bytes[to - 1]! <= 0x20) to--;
  for (let at = from; at < to; at++) {
    if (bytes[at] === tab && delimiter !== tab) add('csv-tab', at, at + 1, {}, 'name');
    else if (bytes[at] === cr) add('csv-line-break', at, at + 1, {}, 'name');
  }
}

/** Checks a column name on its own. */
function findingsOfName({ name }: Column, subject: string, isNamed: boolean): [RuleCode, Facts][] {
  const attribute = attributeOf(name);
  if (attribute === undefined) {
    const near = nearestPath(name);
    const meant = near === undefined || isNamed ? near : withoutCustomName(near);
    return [['csv-header-unknown', { subject, meant: meant && legible(meant) }]];
  }
  if (attribute.format === 'responseOnly') return [['csv-header-response-only', { attribute }]];
  return findingsOfCustomName(customName(name) ?? '');
}
