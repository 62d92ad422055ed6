import { createScanner, parseTree, type Node, type ParseError } from 'jsonc-parser';
import {
  attributeOf,
  attributes,
  familyOf,
  nearestPath,
  responseOnly,
  type Attribute,
} from './attributes.ts';
import { DocumentJudge, type TextChange } from './document.ts';
import type { FileType, Issue, SeverityOverrides } from './finding.ts';
import { twoLetterCountry } from './forms.ts';
import { meantChannel } from './messages.ts';
import { cellsOfLine, headerNames } from './place.ts';
import type { RuleCode } from './rules.ts';

/** What a fix needs to know of a finding: 1-based lines and columns in UTF-16 code units, the end exclusive. */
export type Finding = Pick<Issue, 'code' | 'line' | 'column' | 'endLine' | 'endColumn'>;

/** A way to put one finding right. */
export interface Fix {
  /** What will happen, for people. */
  readonly title: string;
  /** What changes: places in the text before any of the changes, which do not overlap. */
  readonly edits: readonly TextChange[];
  /** True where it is certain what was meant, so that nobody has to look at it. */
  readonly safe: boolean;
}

/** A text with its lines, which may end in LF, CRLF or CR. */
export class FixableText {
  readonly type: FileType;
  readonly text: string;
  readonly lines: readonly string[];
  readonly lineEnd: string;
  readonly #starts: number[] = [0];

  constructor(text: string, type: FileType) {
    this.type = type;
    this.text = text;
    this.lines = text.split(/\r\n|\r|\n/);
    for (const { index, 0: end } of text.matchAll(/\r\n|\r|\n/g)) this.#starts.push(index + end.length);
    this.lineEnd = /\r\n|\r|\n/.exec(text)?.[0] ?? '\n';
  }

  /** The offset of a 0-based place. */
  offset(line: number, character: number): number {
    return this.#starts[line]! + character;
  }

  /** The text with changes that do not overlap. */
  changed(edits: readonly TextChange[]): string {
    const pieces: string[] = [];
    let at = 0;
    for (const edit of edits.toSorted(byPlace)) {
      pieces.push(this.text.slice(at, this.offset(edit.startLine, edit.startCharacter)), edit.text);
      at = this.offset(edit.endLine, edit.endCharacter);
    }
    return pieces.join('') + this.text.slice(at);
  }
}

type Fixer = (finding: Finding, text: FixableText) => Fix | undefined;

/** How findings are put right. A rule that is not here has no fix that is not a guess. */
const fixers: Partial<Readonly<Record<RuleCode, Fixer>>> = {
  'file-json-array': jsonLines,
  'csv-delimiter': commas,
  'csv-header-unknown': columnName,
  'csv-header-space': value((name) => trimmed(name), 'Remove the blanks around the name'),
  'csv-header-response-only': dropColumn,
  'csv-line-break': replace('Replace the line break with a space', ' ', isLineBreak),
  'csv-tab': replace('Replace the tab with a space', ' ', (finding, text) =>
    /^\t+$/.test(marked(finding, text) ?? ''),
  ),
  'csv-blank-line': blankLine,
  'json-blank-line': blankLine,
  'json-unknown-member': memberName,
  'json-response-only': dropMember,
  'json-type': jsonType,
  'channel-type-unknown': value(meantChannel),
  'address-phone': phone,
  'opt-out-unknown': value((text) => {
    const upper = text.trim().toUpperCase();
    return upper === 'ALL' || upper === 'NONE' ? upper : undefined;
  }),
  'country-alpha3': value((text) => twoLetterCountry(text.trim())),
  'locale-form': value((text) => {
    const parts = /^([A-Za-z]{2,3})[-_]([A-Za-z]{2}|[0-9]{3})$/.exec(text.trim());
    return parts ? `${parts[1]!.toLowerCase()}_${parts[2]!.toUpperCase()}` : undefined;
  }),
  'user-ids-spaces': userIds,
  'value-blanks': value((text) => trimmed(text), 'Remove the blanks around the value'),
};

/**
 * The fix for a finding of a text; `undefined` where the rule has none, where it is not clear what was meant,
 * or where the text is not any more what the finding was made on.
 */
export function fixOf(finding: Finding, text: FixableText): Fix | undefined {
  const last = text.lines[finding.endLine - 1];
  if (last === undefined || finding.endColumn - 1 > last.length) return undefined;
  return fixers[finding.code]?.(finding, text);
}

/** More rounds than this no text needs: each puts right what lay in the way of an earlier one. */
const mostRounds = 20;

/** Which findings of a whole text are put right, and by whose severities it is judged. */
export interface FixAllOptions {
  readonly code?: RuleCode | undefined;
  readonly severity?: SeverityOverrides | undefined;
}

/** Puts right all findings of one code, or all whose fix is certain. Where changes would overlap, the text is judged again between them. */
export function fixAll(
  text: string,
  type: FileType,
  { code, severity }: FixAllOptions,
): { readonly text: string; readonly fixed: number } {
  let fixed = 0;
  let now = text;
  for (let round = 0; round < mostRounds; round++) {
    const judge = new DocumentJudge(now, {
      type,
      ...(severity && { severity }),
      maxIssues: Infinity,
      maxIssuesPerCode: 0xffff_ffff,
    });
    const before = new FixableText(now, type);
    const fixes = judge
      .result()
      .issues.filter((issue) => code === undefined || issue.code === code)
      .map((issue) => fixOf(issue, before))
      .filter((fix) => fix !== undefined && (code !== undefined || fix.safe)) as readonly Fix[];
    const chosen = withoutOverlaps(fixes);
    if (chosen.length === 0) break;
    fixed += chosen.length;
    now = before.changed(chosen.flatMap(({ edits }) => edits));
  }
  return { text: now, fixed };
}

/** The fixes that can be made at once: of those that overlap, the first. */
function withoutOverlaps(fixes: readonly Fix[]): Fix[] {
  const many = fixes.find(({ edits }) => edits.length > 1 || edits.some(isLarge));
  if (many) return [many];
  let [line, character] = [-1, 0];
  return fixes
    .toSorted((one, other) => byPlace(one.edits[0]!, other.edits[0]!))
    .filter(({ edits }) => {
      const { startLine, startCharacter, endLine, endCharacter } = edits[0]!;
      if (startLine < line || (startLine === line && startCharacter < character)) return false;
      [line, character] = [endLine, endCharacter];
      return true;
    });
}

/** True for a change of a whole file, which is made alone. */
function isLarge({ startLine, endLine }: TextChange): boolean {
  return endLine - startLine > 1;
}

function byPlace(one: TextChange, other: TextChange): number {
  return one.startLine - other.startLine || one.startCharacter - other.startCharacter;
}

// ── Values and names at the place of the finding ──────────────────────────────────────────────────────────────────────

/** Changes what is marked. */
function change({ line, column, endLine, endColumn }: Finding, text: string): TextChange {
  return {
    startLine: line - 1,
    startCharacter: column - 1,
    endLine: endLine - 1,
    endCharacter: endColumn - 1,
    text,
  };
}

/** `isThere`: what was found is still there, though the text may have changed since. */
function replace(
  title: string,
  due: string,
  isThere: (finding: Finding, text: FixableText) => boolean,
): Fixer {
  return (finding, text) =>
    isThere(finding, text) ? { title, edits: [change(finding, due)], safe: true } : undefined;
}

function isLineBreak({ line, column, endLine, endColumn }: Finding, text: FixableText): boolean {
  return endLine === line + 1 && endColumn === 1 && text.lines[line - 1]!.length === column - 1;
}

/** A fix of one value: the value that was meant, by the one that is there; `undefined` where that is not clear. */
function value(meant: (text: string) => string | undefined, title?: string): Fixer {
  return (finding, text) => {
    const written = marked(finding, text);
    const old = written === undefined ? undefined : read(written, text.type);
    if (old === undefined) return undefined;
    const due = meant(old);
    if (due === undefined || due === '' || due === old) return undefined;
    return {
      title: title ?? `Change to ${due}`,
      edits: [change(finding, write(due, written!, text.type))],
      safe: true,
    };
  };
}

/** What is marked, where that is on one line. */
function marked({ line, column, endLine, endColumn }: Finding, text: FixableText): string | undefined {
  return line === endLine ? text.lines[line - 1]!.slice(column - 1, endColumn - 1) : undefined;
}

/** A cell or a JSON string without quotes and escapes; `undefined` where it is none. */
function read(written: string, type: FileType): string | undefined {
  if (type === 'csv') {
    const quoted = written.length > 1 && written.startsWith('"') && written.endsWith('"');
    return quoted ? written.slice(1, -1).replaceAll('""', '"') : written;
  }
  const parsed = parsedJson(written);
  return typeof parsed === 'string' ? parsed : undefined;
}

/** A value with the quotes that the one before it had, or that it needs. */
function write(text: string, before: string, type: FileType): string {
  if (type === 'ndjson') return JSON.stringify(text);
  return before.startsWith('"') || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function trimmed(text: string): string | undefined {
  const bare = text.trim();
  return bare === text ? undefined : bare;
}

/** Signs that people put between digits. */
const separators = /[\s().\-/\u2010-\u2015]/g;

/** Without a plus sign, fewer than eleven digits may well be a number without its country. */
function phone(finding: Finding, text: FixableText): Fix | undefined {
  const hasPlus =
    read(marked(finding, text) ?? '', text.type)
      ?.trim()
      .startsWith('+') === true;
  const fix = value(
    (old) => {
      if (/\(0/.test(old)) return undefined;
      const bare = old.replace(separators, '');
      const due = hasPlus ? bare : `+${bare}`;
      return (hasPlus ? /^\+[1-9][0-9]{6,14}$/ : /^\+[1-9][0-9]{10,14}$/).test(due) ? due : undefined;
    },
    hasPlus ? 'Remove the signs between the digits' : 'Put + before the country code',
  )(finding, text);
  return fix && { ...fix, safe: hasPlus };
}

// ── Lines and columns of CSV ──────────────────────────────────────────────────────────────────────────────────────────

function blankLine({ line }: Finding, text: FixableText): Fix | undefined {
  const at = line - 1;
  if (text.lines[at]!.trim() !== '') return undefined;
  const isLast = at === text.lines.length - 1;
  if (isLast && at === 0) return undefined;
  const from = isLast
    ? { startLine: at - 1, startCharacter: text.lines[at - 1]!.length }
    : { startLine: at, startCharacter: 0 };
  const to = isLast
    ? { endLine: at, endCharacter: text.lines[at]!.length }
    : { endLine: at + 1, endCharacter: 0 };
  return { title: 'Remove the blank line', edits: [{ ...from, ...to, text: '' }], safe: true };
}

function columnName(finding: Finding, text: FixableText): Fix | undefined {
  const names = headerNames(text.lines[finding.line - 1]!);
  const written = marked(finding, text) ?? '';
  const name = read(written, 'csv')!.trim();
  const near = nearestPath(name);
  if (near === undefined || attributeOf(near)!.form === 'responseOnly') return undefined;
  if (names.includes(near) && attributeOf(near)!.type !== 'strings') return undefined;
  const isCertain = near.toLowerCase() === name.toLowerCase();
  if (!isCertain && /itude$/.test(near) && /altitude/i.test(name)) return undefined;
  return {
    title: `Change to ${near}`,
    edits: [change(finding, write(near, written, 'csv'))],
    safe: isCertain,
  };
}

interface Cell {
  readonly start: number;
  readonly end: number;
}

/** The cells of every record, as offsets, quotes included; `undefined` where a quote is in the wrong place. */
function cellsOf(text: string, delimiter: string): Cell[][] | undefined {
  const records: Cell[][] = [];
  let cells: Cell[] = [];
  for (let at = 0; at <= text.length;) {
    const start = at;
    if (text[at] === '"') {
      do {
        const quote = text.indexOf('"', at + 1);
        if (quote < 0) return undefined;
        at = quote + 1;
      } while (text[at] === '"');
    } else {
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') {
        if (text[at] === '"') return undefined;
        at++;
      }
    }
    cells.push({ start, end: at });
    if (text[at] === delimiter) {
      at++;
      continue;
    }
    if (at < text.length && text[at] !== '\n' && text[at] !== '\r') return undefined;
    records.push(cells);
    cells = [];
    at += text.startsWith('\r\n', at) ? 2 : 1;
  }
  return records;
}

function isBlank(cells: readonly Cell[]): boolean {
  return cells.length === 1 && cells[0]!.start === cells[0]!.end;
}

/** One change of everything from the first line on. */
function rewritten(title: string, { lines }: FixableText, text: string): Fix {
  const last = lines.length - 1;
  const edit = { startLine: 0, startCharacter: 0, endLine: last, endCharacter: lines[last]!.length, text };
  return { title, edits: [edit], safe: true };
}

function commas({ line }: Finding, whole: FixableText): Fix | undefined {
  const { text, lines } = whole;
  const [best] = [';', '\t', '|']
    .map((delimiter) => {
      const names = lines[line - 1]!.split(delimiter).map((name) => read(name, 'csv')!.trim());
      const known = names.filter((name) => attributeOf(name) !== undefined).length;
      return { delimiter, known, columns: names.length };
    })
    .toSorted((one, other) => other.known - one.known || other.columns - one.columns);
  const records = cellsOf(text, best!.delimiter);
  if (records === undefined) return undefined;
  const pieces: string[] = [];
  let at = 0;
  for (const cells of records) {
    for (const [index, { start, end }] of cells.entries()) {
      const cell = text.slice(start, end);
      pieces.push(index === 0 ? text.slice(at, start) : ',');
      pieces.push(cell.includes(',') && !cell.startsWith('"') ? `"${cell}"` : cell);
      at = end;
    }
  }
  return rewritten('Separate all columns by commas', whole, pieces.join(''));
}

function dropColumn(finding: Finding, whole: FixableText): Fix | undefined {
  const { text, lines } = whole;
  const header = cellsOfLine(lines[finding.line - 1]!);
  const index = header.findIndex(({ end }) => finding.column - 1 <= end);
  const records = cellsOf(text, ',');
  if (records === undefined || header.length === 1) return undefined;
  const pieces: string[] = [];
  let at = 0;
  for (const cells of records) {
    if (isBlank(cells)) continue;
    if (cells.length !== header.length) return undefined;
    const isLast = index === cells.length - 1;
    pieces.push(text.slice(at, isLast ? cells[index - 1]!.end : cells[index]!.start));
    at = isLast ? cells[index]!.end : cells[index + 1]!.start;
  }
  const name = header[index]!.text.trim();
  return rewritten(`Remove the column ${name}`, whole, pieces.join('') + text.slice(at));
}

/** The record has nothing else, so it is on one line. */
function userIds(finding: Finding, text: FixableText): Fix | undefined {
  const written = marked(finding, text);
  const ids = read(written ?? '', 'csv')!
    .trim()
    .split(/\s+/);
  if (written === undefined || ids.length < 2) return undefined;
  const line = text.lines[finding.line - 1]!;
  const [before, behind] = [line.slice(0, finding.column - 1), line.slice(finding.endColumn - 1)];
  if (!/^[," ]*$/.test(before + behind)) return undefined;
  const put = ids.map((id) => write(id, written, 'csv')).join(behind + text.lineEnd + before);
  return { title: `Write the ${ids.length} user IDs one a line`, edits: [change(finding, put)], safe: false };
}

// ── Members and values of NDJSON ──────────────────────────────────────────────────────────────────────────────────────

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What is marked, as a node of its line, and the names on the way to it; `undefined` where the line is not JSON. */
function nodeAt(
  { line, column }: Finding,
  text: FixableText,
): { readonly node: Node; readonly path: string } | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text.lines[line - 1]!, errors, { disallowComments: true });
  if (!root || errors.length > 0) return undefined;
  const names: string[] = [];
  for (let node = root; ;) {
    const inside = (node.children ?? []).find(
      ({ offset, length }) => offset <= column - 1 && column - 1 < offset + length,
    );
    if (!inside) return { node, path: names.join('.') };
    if (inside.type === 'property') names.push(inside.children![0]!.value as string);
    node = inside;
    if (node.offset === column - 1 && node.type !== 'property') return { node, path: names.join('.') };
  }
}

function memberName(finding: Finding, text: FixableText): Fix | undefined {
  const found = nodeAt(finding, text);
  const member = found?.node.parent;
  if (!found || member?.type !== 'property') return undefined;
  const name = found.node.value as string;
  const prefix = found.path.slice(0, found.path.length - name.length);
  const siblings = member.parent!.children!.map(({ children }) => children![0]!.value as string);
  const groups = new Set(attributes.flatMap(({ path }) => groupsOf(path)));
  const group = [...groups].find((path) => path.toLowerCase() === found.path.toLowerCase());
  const isObject = member.children![1]!.type === 'object';
  const near = isObject ? group : nearestPath(found.path);
  if (near?.startsWith(prefix) !== true || near === found.path) return undefined;
  const due = near.slice(prefix.length);
  const attribute = attributeOf(near);
  if (siblings.includes(due) || attribute?.form === 'responseOnly') return undefined;
  if (due.includes('.') && familyOf(`${prefix}x`) === undefined) return undefined;
  const isCertain = due.toLowerCase() === name.toLowerCase();
  if (attribute && !fits(attribute, member.children![1]!, isCertain)) return undefined;
  return {
    title: `Change to ${due}`,
    edits: [change(finding, JSON.stringify(due))],
    safe: isCertain,
  };
}

/** True where a value can be that of an attribute: one of the wrong type was not meant for it, and an altitude is no latitude. */
function fits({ type, form }: Attribute, { type: is, children }: Node, isCertain: boolean): boolean {
  if (type === 'number') return is === 'number' && (isCertain || form === 'number');
  if (type === 'string') return is === 'string';
  return is === 'array' && children!.every((each) => each.type === 'string');
}

/** The objects on the way to an attribute, as dotted paths. */
function groupsOf(path: string): string[] {
  const names = path.split('.').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('.'));
}

function dropMember(finding: Finding, text: FixableText): Fix | undefined {
  const found = nodeAt(finding, text);
  const member = found?.node.parent;
  if (!found || member?.type !== 'property') return undefined;
  if (!responseOnly.some(({ path }) => path === member.children![0]!.value)) return undefined;
  const siblings = member.parent!.children!;
  const at = siblings.indexOf(member);
  const [before, next] = [siblings[at - 1], siblings[at + 1]];
  const edit = {
    startLine: finding.line - 1,
    startCharacter: next || !before ? member.offset : before.offset + before.length,
    endLine: finding.line - 1,
    endCharacter: next ? next.offset : member.offset + member.length,
    text: '',
  };
  return { title: `Remove ${String(found.node.value)}`, edits: [edit], safe: true };
}

const jsonNumber = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
/** Forms of attributes that take any text. */
const freeForms: ReadonlySet<string> = new Set(['text', 'id', 'userId']);

function jsonType(finding: Finding, text: FixableText): Fix | undefined {
  const found = nodeAt(finding, text);
  const attribute = found && attributeOf(found.path);
  const written = marked(finding, text);
  if (!attribute || written === undefined) return undefined;
  const is = found.node.type;
  const fix = (title: string, put: string): Fix => ({ title, edits: [change(finding, put)], safe: true });
  if (attribute.type === 'number') {
    const number = is === 'string' ? (found.node.value as string).trim() : '';
    return jsonNumber.test(number) ? fix('Remove the quotes around the number', number) : undefined;
  }
  if (attribute.type === 'strings' && found.node.parent?.type !== 'array') {
    if (is === 'string') return fix('Wrap in an array', `[${written}]`);
    return is === 'number' ? fix('Write as an array of strings', `["${written}"]`) : undefined;
  }
  if (is !== 'number' || !freeForms.has(attribute.form)) return undefined;
  return fix('Put quotes around the number', `"${written}"`);
}

/** Copies the tokens of each object to a line of its own, so that every number and escape stays as it is written. */
function jsonLines(_finding: Finding, whole: FixableText): Fix | undefined {
  const scanner = createScanner(whole.text, true);
  const records: string[] = [];
  let tokens: string[] = [];
  let depth = 0;
  for (;;) {
    scanner.scan();
    const start = scanner.getTokenOffset();
    const token = whole.text.slice(start, start + scanner.getTokenLength());
    if (token === '') break; // the end of the text
    if (depth === 0 && token !== '{') {
      if (!'[],'.includes(token)) return undefined;
      continue;
    }
    tokens.push(token);
    if (token === '{' || token === '[') depth++;
    if (token !== '}' && token !== ']') continue;
    if (--depth > 0) continue;
    const record = tokens.join('');
    if (parsedJson(record) === undefined) return undefined;
    records.push(record + whole.lineEnd);
    tokens = [];
  }
  if (depth > 0 || records.length === 0) return undefined;
  return rewritten('Write one object a line', whole, records.join(''));
}
