import { findNodeAtLocation, getLocation, parseTree } from 'jsonc-parser';
import { isTooDeep } from '../model/jsonDepth.ts';
import { attributeOf, attributes, responseOnly, type Attribute } from '../model/attributes.ts';

/** What is at a position of an endpoint file, for hovers and completion. */
export interface Place {
  readonly kind: 'name' | 'value';
  /** Dotted path as written in the file; empty if nothing is written yet. */
  readonly path: string;
  /** `undefined` if the path isn't a supported attribute. */
  readonly attribute: Attribute | undefined;
  /** The text, without quotes. */
  readonly text: string;
  /** The range of the text in the line, without quotes: 0-based UTF-16 code units, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** In JSON, the dotted path of the object that contains the name; empty for the endpoint itself. */
  readonly parent: string;
  /** True if the text is quoted. */
  readonly quoted: boolean;
}

interface LineCell {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly quoted: boolean;
}

/** The cells of one line of CSV as it is being typed: an unclosed quote ends with the line. */
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

/** The names in a CSV header. */
export function headerNames(header: string): readonly string[] {
  return cellsOfLine(header.replace(/^\uFEFF/, '')).map(({ text }) => text.trim());
}

/**
 * True if a CSV header, with any delimiter, is that of an endpoint file: at least half of its columns are supported
 * attributes.
 */
export function isEndpointHeader(header: string): boolean {
  return [',', ';', '\t', '|'].some((delimiter) => {
    const names = headerNames(delimiter === ',' ? header : header.replaceAll(delimiter, ','));
    const known = names.filter((name) => attributeOf(name) !== undefined).length;
    return known > 0 && known * 2 >= names.length;
  });
}

/** True if a line of NDJSON is an endpoint, by the same measure applied to its members. */
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

/** What is at `character` (0-based, UTF-16) of a line of CSV; `header` is the file's first line. */
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

/** What is at `character` (0-based, UTF-16) of a line of NDJSON. */
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

/** The names in the object at a dotted path (`''` is the endpoint) of a possibly incomplete line of NDJSON. */
export function memberNamesOf(line: string, parent: string): readonly string[] {
  const root = isTooDeep(line) ? undefined : parseTree(line);
  const object = root && findNodeAtLocation(root, parent === '' ? [] : parent.split('.'));
  const members = object?.type === 'object' ? (object.children ?? []) : [];
  return members.map(({ children }) => String(children?.[0]?.value));
}

/** A member that an object of an endpoint can have. */
export interface Member {
  readonly name: string;
  readonly path: string;
  /** `undefined` for a name that only groups others, such as `Location`. */
  readonly attribute: Attribute | undefined;
}

/** The members that the object at a dotted path (`''` is the endpoint) can have, except custom ones. */
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
