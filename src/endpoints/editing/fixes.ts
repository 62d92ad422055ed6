import { parseTree, type Node, type ParseError } from 'jsonc-parser';
import { isTooDeep } from '../model/jsonDepth.ts';
import {
  attributeOf,
  attributes,
  familyOf,
  nearestPath,
  responseOnly,
  type Attribute,
} from '../model/attributes.ts';
import type { TextChange } from '../validation/documentValidator.ts';
import type { Issue } from '../rules/finding.ts';
import type { FileType } from '../model/fileType.ts';
import { twoLetterCountry } from '../model/referenceData.ts';
import { meantChannel } from '../rules/addressRules.ts';
import { meantLocale } from '../rules/valueRules.ts';
import { rule, ruleCodes, type RuleCode } from '../rules/ruleTable.ts';

/** What a fix needs to know of a finding: 1-based lines and columns in UTF-16 code units, the end exclusive. */
export type Finding = Pick<Issue, 'code' | 'line' | 'column' | 'endLine' | 'endColumn'>;

/** A way to put one finding right. */
export interface Fix {
  /** What will happen, for people. */
  readonly title: string;
  /** What changes: a place in the text before the change. */
  readonly edit: TextChange;
  /** True where it is certain what was meant, so that nobody has to look at it. */
  readonly safe: boolean;
}

/** The lines of a text, or of a part of it that holds whole records. */
export interface Lines {
  readonly type: FileType;
  readonly count: number;
  /** The text of a line, counted from 0, without its end; `undefined` where there is none, or it cannot be read. */
  line(index: number): string | undefined;
  /** What the lines end in. */
  readonly lineEnd: string;
}

type Fixer = (finding: Finding, text: Lines) => Fix | undefined;

/**
 * How findings are put right where they are. A rule that is neither here nor among those of the whole file has no fix
 * that is not a guess.
 */
const fixers: Partial<Readonly<Record<RuleCode, Fixer>>> = {
  'csv-header-unknown': columnName,
  'csv-header-space': value((name) => trimmed(name), 'Remove the blanks around the name'),
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
  'locale-form': value(meantLocale),
  'user-ids-spaces': userIds,
  'value-blanks': value((text) => trimmed(text), 'Remove the blanks around the value'),
};

/** Rules whose fix goes through the whole file, and what it does, for people. */
export const wholeFileFixes = {
  'file-json-array': 'Write one object a line',
  'csv-delimiter': 'Separate all columns by commas',
  'csv-header-response-only': 'Remove the column',
} as const satisfies Partial<Record<RuleCode, string>>;

/** Rules of what a file is on disk, which a text in an editor does not show: their fix is another file. */
const fileFixes: readonly RuleCode[] = ['file-bom', 'file-compressed', 'file-too-large'];

/** Rules whose fix may not be what was meant, so that somebody has to look at it. */
export const likelyFixes: readonly RuleCode[] = ruleCodes.filter(
  (code) => rule(code).fixability === 'likely',
);

/** All rules that have a fix. */
export const fixableCodes: readonly RuleCode[] = [
  ...fileFixes,
  ...(Object.keys(wholeFileFixes) as RuleCode[]),
  ...(Object.keys(fixers) as RuleCode[]),
];

/** True where a fix is a change at the place of the finding. */
export function isFixedInPlace(code: RuleCode): boolean {
  return fixers[code] !== undefined;
}

/** True where the fix goes through all of a text. */
export function isFixedInWhole(code: RuleCode): code is keyof typeof wholeFileFixes {
  return code in wholeFileFixes;
}

/**
 * The fix for a finding of a text; `undefined` where the rule has none at the place, where it is not clear what was
 * meant, or where the text is not any more what the finding was made on.
 */
export function fixOf(finding: Finding, text: Lines): Fix | undefined {
  const last = text.line(finding.endLine - 1);
  if (text.line(finding.line - 1) === undefined || last === undefined) return undefined;
  if (finding.endColumn - 1 > last.length) return undefined;
  return fixers[finding.code]?.(finding, text);
}

/** The fixes that can be made at once: of those that overlap, the first. */
export function withoutOverlaps(fixes: readonly Fix[]): Fix[] {
  let [line, character] = [-1, 0];
  return fixes
    .toSorted((one, other) => byPosition(one.edit, other.edit))
    .filter(({ edit: { startLine, startCharacter, endLine, endCharacter } }) => {
      if (startLine < line || (startLine === line && startCharacter < character)) return false;
      [line, character] = [endLine, endCharacter];
      return true;
    });
}

function byPosition(one: TextChange, other: TextChange): number {
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
function replace(title: string, due: string, isThere: (finding: Finding, text: Lines) => boolean): Fixer {
  return (finding, text) =>
    isThere(finding, text) ? { title, edit: change(finding, due), safe: true } : undefined;
}

function isLineBreak({ line, column, endLine, endColumn }: Finding, text: Lines): boolean {
  // A carriage return alone breaks a line too, though not for those who count lines.
  if (marked({ line, column, endLine, endColumn }, text) === '\r') return true;
  return endLine === line + 1 && endColumn === 1 && text.line(line - 1)!.length === column - 1;
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
      edit: change(finding, write(due, written!, text.type)),
      safe: true,
    };
  };
}

/** What is marked, where that is on one line. */
function marked(
  { line, column, endLine, endColumn }: Omit<Finding, 'code'>,
  text: Lines,
): string | undefined {
  return line === endLine ? text.line(line - 1)!.slice(column - 1, endColumn - 1) : undefined;
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
function phone(finding: Finding, text: Lines): Fix | undefined {
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

function blankLine({ line }: Finding, text: Lines): Fix | undefined {
  const at = line - 1;
  const old = text.line(at)!;
  if (old.trim() !== '') return undefined;
  const isLast = at === text.count - 1;
  if (isLast && old === '') return undefined;
  const end = isLast ? { endLine: at, endCharacter: old.length } : { endLine: at + 1, endCharacter: 0 };
  return {
    title: 'Remove the blank line',
    edit: { startLine: at, startCharacter: 0, ...end, text: '' },
    safe: true,
  };
}

function columnName(finding: Finding, text: Lines): Fix | undefined {
  // Whatever separates the columns: a name too many does no harm here.
  const names = text
    .line(finding.line - 1)!
    .split(/[,;\t|]/)
    .map((cell) => read(cell.trim(), 'csv')!.trim());
  const written = marked(finding, text) ?? '';
  const name = read(written, 'csv')!.trim();
  const near = nearestPath(name);
  if (near === undefined || attributeOf(near)!.format === 'responseOnly') return undefined;
  if (names.includes(near) && attributeOf(near)!.type !== 'strings') return undefined;
  const isCertain = near.toLowerCase() === name.toLowerCase();
  if (!isCertain && /itude$/.test(near) && /altitude/i.test(name)) return undefined;
  return {
    title: `Change to ${near}`,
    edit: change(finding, write(near, written, 'csv')),
    safe: isCertain,
  };
}

/** Cells that hold nothing but spaces, with all of their quotes: one that goes on in another line cannot be repeated. */
const emptyCells = /^(?:[, ]|" *")*$/;

function userIds(finding: Finding, text: Lines): Fix | undefined {
  const written = marked(finding, text);
  const ids = read(written ?? '', 'csv')!
    .trim()
    .split(/\s+/);
  if (written === undefined || ids.length < 2) return undefined;
  const line = text.line(finding.line - 1)!;
  const [before, behind] = [line.slice(0, finding.column - 1), line.slice(finding.endColumn - 1)];
  if (![before, behind].every((text) => emptyCells.test(text))) return undefined;
  const put = ids.map((id) => write(id, written, 'csv')).join(behind + text.lineEnd + before);
  return { title: `Write the ${ids.length} user IDs one a line`, edit: change(finding, put), safe: false };
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
  text: Lines,
): { readonly node: Node; readonly path: string } | undefined {
  const json = text.line(line - 1)!;
  if (isTooDeep(json)) return undefined;
  const errors: ParseError[] = [];
  const root = parseTree(json, errors, { disallowComments: true });
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

function memberName(finding: Finding, text: Lines): Fix | undefined {
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
  if (siblings.includes(due) || attribute?.format === 'responseOnly') return undefined;
  if (due.includes('.') && familyOf(`${prefix}x`) === undefined) return undefined;
  const isCertain = due.toLowerCase() === name.toLowerCase();
  if (attribute && !fits(attribute, member.children![1]!, isCertain)) return undefined;
  return {
    title: `Change to ${due}`,
    edit: change(finding, JSON.stringify(due)),
    safe: isCertain,
  };
}

/** True where a value can be that of an attribute: one of the wrong type was not meant for it, and an altitude is no latitude. */
function fits({ type, format }: Attribute, { type: is, children }: Node, isCertain: boolean): boolean {
  if (type === 'number') return is === 'number' && (isCertain || format === 'number');
  if (type === 'string') return is === 'string';
  return is === 'array' && children!.every((each) => each.type === 'string');
}

/** The objects on the way to an attribute, as dotted paths. */
function groupsOf(path: string): string[] {
  const names = path.split('.').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('.'));
}

function dropMember(finding: Finding, text: Lines): Fix | undefined {
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
  return { title: `Remove ${String(found.node.value)}`, edit, safe: true };
}

const jsonNumber = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
/** Forms of attributes that take any text. */
const freeFormats: ReadonlySet<string> = new Set(['text', 'id', 'userId']);

function jsonType(finding: Finding, text: Lines): Fix | undefined {
  const found = nodeAt(finding, text);
  const attribute = found && attributeOf(found.path);
  const written = marked(finding, text);
  if (!attribute || written === undefined) return undefined;
  const is = found.node.type;
  const fix = (title: string, put: string): Fix => ({ title, edit: change(finding, put), safe: true });
  if (attribute.type === 'number') {
    const number = is === 'string' ? (found.node.value as string).trim() : '';
    return jsonNumber.test(number) ? fix('Remove the quotes around the number', number) : undefined;
  }
  if (attribute.type === 'strings' && found.node.parent?.type !== 'array') {
    if (is === 'string') return fix('Wrap in an array', `[${written}]`);
    return is === 'number' ? fix('Write as an array of strings', `["${written}"]`) : undefined;
  }
  if (is !== 'number' || !freeFormats.has(attribute.format)) return undefined;
  return fix('Put quotes around the number', `"${written}"`);
}
