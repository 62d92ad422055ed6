import { findNodeAtLocation, getLocation, parseTree } from 'jsonc-parser';
import { isTooDeep } from '../model/jsonDepth.ts';
import { attributeOf, attributes, responseOnly, type Attribute } from '../model/attributes.ts';

/** What stands at a place of an endpoint file, for help on it. */
export interface Place {
  readonly kind: 'name' | 'value';
  /** Dotted path as the file has it; empty where nothing is written yet. */
  readonly path: string;
  /** `undefined` where the path is no supported attribute. */
  readonly attribute: Attribute | undefined;
  /** What is written, without quotes. */
  readonly text: string;
  /** Columns of what is written, quotes not included: 0-based UTF-16 code units, the end exclusive. */
  readonly start: number;
  readonly end: number;
  /** In JSON: the dotted path of the object that the name stands in, empty for the endpoint itself. */
  readonly parent: string;
  /** True where what is written stands between quotes. */
  readonly quoted: boolean;
}

interface LineCell {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly quoted: boolean;
}

/** The cells of one line of CSV, as far as they can be told while somebody types: a quote that is not closed ends with the line. */
export function cellsOfLine(line: string): readonly LineCell[] {
  const cells: LineCell[] = [];
  let at = 0;
  do {
    const quoted = line[at] === '"';
    const start = quoted ? at + 1 : at;
    let end = start;
    if (quoted) {
      while (end < line.length && (line[end] !== '"' || line[end + 1] === '"'))
        end += line[end] === '"' ? 2 : 1;
      end = Math.min(end, line.length);
    }
    const comma = line.indexOf(',', end);
    at = comma < 0 ? line.length + 1 : comma + 1;
    if (!quoted) end = at - 1;
    const text = line.slice(start, end);
    cells.push({ start, end, quoted, text: quoted ? text.replaceAll('""', '"') : text });
  } while (at <= line.length);
  return cells;
}

/** The names in a line that is the header of a CSV file. */
export function headerNames(header: string): readonly string[] {
  return cellsOfLine(header.replace(/^\uFEFF/, '')).map(({ text }) => text.trim());
}

/**
 * True where a CSV header is that of an endpoint file: half of its columns or more are supported attributes, whatever
 * separates them.
 */
export function isEndpointHeader(header: string): boolean {
  return [',', ';', '\t', '|'].some((delimiter) => {
    const names = headerNames(delimiter === ',' ? header : header.replaceAll(delimiter, ','));
    const known = names.filter((name) => attributeOf(name) !== undefined).length;
    return known > 0 && known * 2 >= names.length;
  });
}

/** True where a line of NDJSON is an endpoint, by the same measure: the members of its object. */
export function isEndpointLine(line: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return false;
  const supported = new Set([
    ...membersOf('').map(({ name }) => name),
    ...responseOnly.map(({ path }) => path),
  ]);
  const names = Object.keys(parsed);
  const known = names.filter((name) => supported.has(name)).length;
  return known > 0 && known * 2 >= names.length;
}

/** What stands at `character` (0-based, UTF-16) of a line of CSV; `header` is the file's first line. */
export function csvPlace(
  header: string,
  line: string,
  isHeader: boolean,
  character: number,
): Place | undefined {
  const cells = cellsOfLine(line);
  const index = cells.findIndex(({ end, quoted }) => character <= (quoted ? end + 1 : end));
  const cell = cells[index];
  if (!cell) return undefined;
  const path = isHeader ? cell.text.trim() : headerNames(header)[index];
  if (path === undefined) return undefined;
  return { ...cell, kind: isHeader ? 'name' : 'value', path, attribute: attributeOf(path), parent: '' };
}

/** What stands at `character` (0-based, UTF-16) of a line of NDJSON. */
export function jsonPlace(line: string, character: number): Place | undefined {
  if (isTooDeep(line)) return undefined;
  const location = getLocation(line, character);
  const names = location.path.filter((step): step is string => typeof step === 'string');
  if (names.length === 0) return undefined;
  const node = location.previousNode;
  const here = node && node.offset <= character && character <= node.offset + node.length ? node : undefined;
  const quoted = here !== undefined && line[here.offset] === '"';
  const start = here ? here.offset + (quoted ? 1 : 0) : character;
  const closed = quoted && here.length > 1 && line[here.offset + here.length - 1] === '"';
  const end = here ? here.offset + here.length - (closed ? 1 : 0) : character;
  const parent = (location.isAtPropertyKey ? names.slice(0, -1) : names).join('.');
  const text = line.slice(start, end);
  const path = location.isAtPropertyKey ? [...names.slice(0, -1), text].join('.') : names.join('.');
  return {
    kind: location.isAtPropertyKey ? 'name' : 'value',
    path,
    attribute: attributeOf(path),
    text,
    start,
    end,
    parent,
    quoted,
  };
}

/** The names in the object at a dotted path (`''` is the endpoint) of a line of NDJSON, as far as the line can be read. */
export function memberNamesOf(line: string, parent: string): readonly string[] {
  const root = isTooDeep(line) ? undefined : parseTree(line);
  const object = root && findNodeAtLocation(root, parent === '' ? [] : parent.split('.'));
  const members = object?.type === 'object' ? (object.children ?? []) : [];
  return members.map(({ children }) => String(children?.[0]?.value));
}

/** A member that may stand in an object of an endpoint, and whether another object opens behind it. */
export interface Member {
  readonly name: string;
  readonly path: string;
  /** `undefined` for a name that only groups others, such as `Location`. */
  readonly attribute: Attribute | undefined;
}

/** The names that may stand in the object at a dotted path (`''` is the endpoint), custom ones not included. */
export function membersOf(parent: string): readonly Member[] {
  const prefix = parent === '' ? '' : `${parent}.`;
  const members = new Map<string, Member>();
  for (const attribute of attributes) {
    if (!attribute.path.startsWith(prefix)) continue;
    const name = attribute.path.slice(prefix.length).split('.')[0]!;
    if (name === '*' || members.has(name)) continue;
    const path = prefix + name;
    members.set(name, { name, path, attribute: attribute.path === path ? attribute : undefined });
  }
  return [...members.values()];
}
