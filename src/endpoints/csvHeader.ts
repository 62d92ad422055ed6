import {
  attributeOf,
  attributes,
  awkwardNameSigns,
  customName,
  familyOf,
  limits,
  nearestPath,
  type Attribute,
} from './attributes.ts';
import type { Text } from './bytes.ts';
import type { Findings } from './findings.ts';
import { unescape } from './record.ts';
import { leafFlag, type Slots } from './slots.ts';

const comma = 0x2c;
const quote = 0x22;

/** One cell of a line: its value's offsets, quotes not included. */
export interface Cell {
  readonly start: number;
  readonly end: number;
  readonly flags: number;
  /** Where a quote stands that should not, and why; -1 where the cell is well formed. */
  readonly wrongAt: number;
  readonly wrong: string;
}

/** Splits one line, which may go on over line breaks between quotes, into cells. For headers and for findings: not in hot loops. */
export function* cellsOf(text: Text, start: number, end: number, delimiter: number): Generator<Cell> {
  const { bytes } = text;
  for (let here = start; here <= end; here++) {
    const from = here;
    if (bytes[here] !== quote || here === end) {
      let wrongAt = -1;
      for (; here < end && bytes[here] !== delimiter; here++) {
        if (bytes[here] === quote && wrongAt < 0) wrongAt = here;
      }
      yield { start: from, end: here, flags: 0, wrongAt, wrong: quoteInside };
      continue;
    }
    let flags: number = leafFlag.quoted;
    for (here++; here < end; here++) {
      if (bytes[here] !== quote) continue;
      if (bytes[here + 1] !== quote || here + 1 === end) break;
      flags |= leafFlag.doubledQuotes;
      here++;
    }
    if (here >= end) {
      yield { start: from + 1, end, flags: flags & ~leafFlag.quoted, wrongAt: from, wrong: neverClosed };
      return;
    }
    const close = here++;
    const wrongAt = here < end && bytes[here] !== delimiter ? here : -1;
    while (here < end && bytes[here] !== delimiter) here++;
    yield { start: from + 1, end: close, flags, wrongAt, wrong: textBehind };
  }
}

export const quoteInside =
  'A double quote inside a value that is not quoted. Expected: the whole value between double quotes, and each quote inside it doubled.';
export const neverClosed = 'This double quote is never closed.';
export const textBehind =
  'Text behind the closing double quote. Expected: a comma or the end of the line; a quote inside a value has to be doubled.';

/** The header of a CSV file: which attribute each column is. */
export interface CsvHeader {
  readonly delimiter: number;
  /** One a column: its number in `Slots` is the column's index. */
  readonly attributes: readonly (Attribute | undefined)[];
  readonly names: readonly string[];
  /** Offsets in the text: where the header's line begins and ends, the line break not included, and where the next line begins. */
  readonly start: number;
  readonly end: number;
  readonly next: number;
  readonly line: number;
}

/**
 * The byte that separates the columns of a header: a comma, unless there is none and one of `;`, tab and `|` makes columns.
 */
export function delimiterOf(text: Text, start: number, end: number): number {
  let best = comma;
  let most = 1;
  for (const delimiter of [comma, 0x3b, 0x09, 0x7c]) {
    const names = [...cellsOf(text, start, end, delimiter)].map((cell) => cellString(text, cell).trim());
    if (delimiter === comma) {
      if (names.length > 1) return comma;
      continue;
    }
    const whole = text.string(start, end);
    const meant = attributeOf(whole) === undefined || names.slice(1).some((name) => attributeOf(name));
    if (names.length > most && meant) {
      best = delimiter;
      most = names.length;
    }
  }
  return best;
}

function cellString(text: Text, cell: Cell): string {
  if ((cell.flags & leafFlag.doubledQuotes) === 0) return text.string(cell.start, cell.end);
  const from = text.scratch;
  return text.string(from, from + unescape(text, cell.start, cell.end, cell.flags));
}

/** Reads the header of a text: the first line that is not empty, from `start` on; `undefined` where there is none. */
export function readHeader(text: Text, start: number, slots: Slots): CsvHeader | undefined {
  const { bytes } = text;
  let line = 1;
  for (let from = start; from < text.end; line++) {
    const lf = bytes.indexOf(10, from);
    const end = lf > from && bytes[lf - 1] === 0x0d ? lf - 1 : lf;
    if (end > from) {
      const delimiter = delimiterOf(text, from, end);
      const names = [...cellsOf(text, from, end, delimiter)].map((cell) => cellString(text, cell).trim());
      const meant = names.map((name) => meantAttribute(name, names));
      addSlots(slots, names, meant);
      return { delimiter, attributes: meant, names, start: from, end, next: lf + 1, line };
    }
    from = lf + 1;
  }
  return undefined;
}

/** The attribute of a name, or of the name that was most likely meant and is not there: one mistake in the header is one finding. */
function meantAttribute(name: string, names: readonly string[]): Attribute | undefined {
  const attribute = attributeOf(name);
  if (attribute !== undefined || name === '') return attribute;
  const near = nearestPath(name);
  return near === undefined || (names.includes(near) && familyOf(near) === undefined)
    ? undefined
    : attributeOf(near);
}

function addSlots(slots: Slots, names: readonly string[], meant: readonly (Attribute | undefined)[]): void {
  const groups = new Map<string, number>();
  names.forEach((name, column) => {
    const attribute = meant[column];
    if (attribute?.type !== 'strings') {
      slots.add(attribute, name);
      return;
    }
    const group = groups.get(name) ?? slots.newGroup();
    groups.set(name, group);
    slots.add(attribute, name, group);
  });
}

/** Judges the header. */
export function judgeHeader(text: Text, header: CsvHeader, found: Findings): void {
  const { delimiter, names } = header;
  found.at(header.line, header.start);
  if (delimiter !== comma && found.wants('csv-delimiter')) {
    const sign = delimiter === 0x09 ? 'tabs' : delimiter === 0x3b ? 'semicolons' : 'vertical bars';
    found.add(header.start, header.end, `The columns are separated by ${sign}. Expected: commas.`);
  }
  const seen = new Set<string>();
  const custom = new Set<string>();
  let column = 0;
  for (const cell of cellsOf(text, header.start, header.end, delimiter)) {
    const from = cell.start - (cell.flags & leafFlag.quoted);
    const to = cell.end + (cell.flags & leafFlag.quoted);
    const name = names[column++]!;
    if (cell.wrongAt >= 0 && found.wants('csv-quote')) {
      found.add(cell.wrongAt, cell.wrongAt + 1, cell.wrong);
    }
    if (name === '') {
      if (found.wants('csv-header-empty')) {
        found.add(from, to, `Column ${column} has no name. Expected: the name of an attribute.`);
      }
      continue;
    }
    if (cellString(text, cell) !== name && found.wants('csv-header-space')) {
      found.add(from, to, `Blanks around the column name "${name}".`);
    }
    judgeName(name, from, to, found);
    if (seen.has(name)) {
      if (attributeOf(name)?.type !== 'strings' && found.wants('csv-header-duplicate')) {
        found.add(
          from,
          to,
          `The column "${name}" is there twice. Only Attributes.* and User.UserAttributes.* may be repeated.`,
        );
      }
      continue;
    }
    seen.add(name);
    if (customName(name) === undefined) continue;
    custom.add(name);
    if (custom.size === limits.customNames + 1 && found.wants('too-many-attributes')) {
      found.add(from, to, tooManyAttributes);
    }
  }
}

export const tooManyAttributes = `This is the 251st custom name in Attributes, Metrics and User.UserAttributes. A project may have ${limits.customNames}.`;

function judgeName(name: string, from: number, to: number, found: Findings): void {
  const attribute = attributeOf(name);
  if (attribute === undefined) {
    if (found.wants('csv-header-unknown')) {
      found.add(from, to, unknownName(name, 'column'));
    }
  } else if (attribute.form === 'responseOnly') {
    if (found.wants('csv-header-response-only')) found.add(from, to, responseOnlyName(name, 'column'));
  } else {
    judgeCustomName(customName(name), from, to, found);
  }
}

/** Judges the name of a custom attribute or metric; `undefined` is none. */
export function judgeCustomName(name: string | undefined, from: number, to: number, found: Findings): void {
  if (name === undefined) return;
  const length = Array.from(name).length;
  if (length > limits.nameLength && found.wants('name-too-long')) {
    found.add(from, to, `The name has ${length} characters. It may have ${limits.nameLength}.`);
  }
  const sign = Array.from(awkwardNameSigns).find((character) => name.includes(character));
  if (sign !== undefined && found.wants('name-characters')) {
    found.add(from, to, `The console cannot show a name with "${sign}".`);
  }
}

/** The message on a name that is no supported attribute; `near` is the one that was most likely meant. */
export function unknownName(
  name: string,
  kind: 'column' | 'member',
  near: string | undefined = nearestPath(name),
): string {
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  const problem = `The ${kind} "${shown}" is no supported attribute.`;
  if (near === undefined) {
    return `${problem} Expected: one of the listed attributes, or Attributes.…, Metrics.…, User.UserAttributes.… for your own.`;
  }
  return near === name
    ? `${problem} Expected: an object in an object, such as {"${name.slice(0, name.indexOf('.'))}":{…}}.`
    : `${problem} Did you mean ${near}? Names are case-sensitive.`;
}

/** The message on a name that only exports have. */
export function responseOnlyName(name: string, kind: 'column' | 'member'): string {
  return `The ${kind} "${name}" is written by exports and cannot be imported.`;
}

/** True where the header is that of an endpoint file: at least one column is an attribute. For editors, which see any CSV file. */
export function isEndpointHeader(names: readonly string[]): boolean {
  return names.some((name) => attributes.some(({ path }) => path === name) || familyOf(name) !== undefined);
}
