import type { Node } from 'jsonc-parser';
import {
  attributeOf,
  attributes,
  familyOf,
  nearestPath,
  responseOnly,
  type Attribute,
} from '../model/attributes.ts';
import type { TextChange } from '../validation/documentValidator.ts';
import type { Finding } from '../rules/finding.ts';
import type { FileType } from '../model/fileType.ts';
import { childIndexAt, type ParsedLines, type PathNode } from './parsedLines.ts';
import { twoLetterCountry } from '../model/referenceData.ts';
import { meantChannel } from '../rules/addressRules.ts';
import { meantLocale } from '../rules/valueRules.ts';
import { rule, ruleCodes, type RuleCode } from '../rules/ruleTable.ts';

/** The range of a finding: 1-based lines and columns in UTF-16 code units, end exclusive. */
export type FindingRange = Pick<Finding, 'code' | 'line' | 'column' | 'endLine' | 'endColumn'>;

/** A fix for one finding. */
export interface Fix {
  /** The title, shown to users. */
  readonly title: string;
  /** The change, in positions of the text before it. */
  readonly edit: TextChange;
  /** True if the fix is certain and needs no review. */
  readonly safe: boolean;
}

type Fixer = (finding: FindingRange, text: ParsedLines) => Fix | undefined;

/**
 * Fixes in place, by rule. A rule that is neither here nor among the whole-file fixes has no reliable fix.
 */
const fixers: Partial<Readonly<Record<RuleCode, Fixer>>> = {
  'csv-header-unknown': columnName,
  'csv-header-space': value((name) => trimmed(name), 'Remove the spaces around the name'),
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
  'value-blanks': value((text) => trimmed(text), 'Remove the spaces around the value'),
};

/** Rules whose fix changes the whole file, with its title. */
export const wholeFileFixes = {
  'file-json-array': 'Write one object per line',
  'csv-delimiter': 'Separate all columns with commas',
  'csv-header-response-only': 'Remove the column',
} as const satisfies Partial<Record<RuleCode, string>>;

/** Rules about the file on disk, which an editor doesn't show: their fix is another file. */
const fileFixes: readonly RuleCode[] = ['file-bom', 'file-compressed', 'file-too-large'];

/** Rules whose fix is a guess and needs review. */
export const likelyFixes: readonly RuleCode[] = ruleCodes.filter(
  (code) => rule(code).fixability === 'likely',
);

/** All rules that have a fix. */
export const fixableCodes: readonly RuleCode[] = [
  ...fileFixes,
  ...(Object.keys(wholeFileFixes) as RuleCode[]),
  ...(Object.keys(fixers) as RuleCode[]),
];

/** True if the fix only changes the range of the finding. */
export function isFixedInPlace(code: RuleCode): boolean {
  return fixers[code] !== undefined;
}

/** True if the fix changes the whole text. */
export function isFixedInWhole(code: RuleCode): code is keyof typeof wholeFileFixes {
  return Object.hasOwn(wholeFileFixes, code);
}

/**
 * The fix for a finding; `undefined` if the rule has none here, if the intention is unclear, or if the text has changed
 * since.
 */
export function fixOf(finding: FindingRange, text: ParsedLines): Fix | undefined {
  const last = text.line(finding.endLine - 1);
  if (text.line(finding.line - 1) === undefined || last === undefined) return undefined;
  if (finding.endColumn - 1 > last.length) return undefined;
  return fixers[finding.code]?.(finding, text);
}

/** The fixes that can be applied together: of overlapping ones, the first. */
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

function byPosition(a: TextChange, b: TextChange): number {
  return a.startLine - b.startLine || a.startCharacter - b.startCharacter;
}

// ── Values and names in the range of the finding ──────────────────────────────────────────────────────────────────────

/** Replaces the range of the finding. */
function change({ line, column, endLine, endColumn }: FindingRange, text: string): TextChange {
  return {
    startLine: line - 1,
    startCharacter: column - 1,
    endLine: endLine - 1,
    endCharacter: endColumn - 1,
    text,
  };
}

/** `isThere`: whether the text still has what was found. */
function replace(
  title: string,
  replacement: string,
  isThere: (finding: FindingRange, text: ParsedLines) => boolean,
): Fixer {
  return (finding, text) =>
    isThere(finding, text) ? { title, edit: change(finding, replacement), safe: true } : undefined;
}

function isLineBreak({ line, column, endLine, endColumn }: FindingRange, text: ParsedLines): boolean {
  // A lone carriage return breaks a line, but findings don't count it as one.
  if (marked({ line, column, endLine, endColumn }, text) === '\r') return true;
  return endLine === line + 1 && endColumn === 1 && text.line(line - 1)!.length === column - 1;
}

/** Corrects one value; `meant` returns the intended value, or `undefined` if it is unclear. */
function value(meant: (text: string) => string | undefined, title?: string): Fixer {
  return (finding, text) => {
    const written = marked(finding, text);
    const old = written === undefined ? undefined : read(written, text.type);
    if (old === undefined) return undefined;
    const fixed = meant(old);
    if (fixed === undefined || fixed === '' || fixed === old) return undefined;
    return {
      title: title ?? `Change to ${fixed}`,
      edit: change(finding, write(fixed, written!, text.type)),
      safe: true,
    };
  };
}

/** The text in a range, if it is on one line. */
function marked(
  { line, column, endLine, endColumn }: Omit<FindingRange, 'code'>,
  text: ParsedLines,
): string | undefined {
  return line === endLine ? text.line(line - 1)!.slice(column - 1, endColumn - 1) : undefined;
}

/** The value of a cell or a JSON string; `undefined` if it is neither. */
function read(written: string, type: FileType): string | undefined {
  if (type === 'csv') {
    const quoted = written.length > 1 && written.startsWith('"') && written.endsWith('"');
    return quoted ? written.slice(1, -1).replaceAll('""', '"') : written;
  }
  const parsed = parsedJson(written);
  return typeof parsed === 'string' ? parsed : undefined;
}

/** A value, quoted if the previous one was or if necessary. */
function write(text: string, before: string, type: FileType): string {
  if (type === 'ndjson') return JSON.stringify(text);
  return before.startsWith('"') || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function trimmed(text: string): string | undefined {
  const result = text.trim();
  return result === text ? undefined : result;
}

/** Characters that people write between digits. */
const separators = /[\s().\-/\u2010-\u2015]/g;

/** Without a plus sign, fewer than eleven digits are probably a number without country code. */
function phone(finding: FindingRange, text: ParsedLines): Fix | undefined {
  const hasPlus =
    read(marked(finding, text) ?? '', text.type)
      ?.trim()
      .startsWith('+') === true;
  const fix = value(
    (old) => {
      if (/\(0/.test(old)) return undefined;
      const digits = old.replace(separators, '');
      const fixed = hasPlus ? digits : `+${digits}`;
      return (hasPlus ? /^\+[1-9][0-9]{6,14}$/ : /^\+[1-9][0-9]{10,14}$/).test(fixed) ? fixed : undefined;
    },
    hasPlus ? 'Remove the separators between digits' : 'Add + before the country code',
  )(finding, text);
  return fix && { ...fix, safe: hasPlus };
}

// ── Lines and columns of CSV ──────────────────────────────────────────────────────────────────────────────────────────

function blankLine({ line }: FindingRange, text: ParsedLines): Fix | undefined {
  const at = line - 1;
  const old = text.line(at)!;
  if (old.trim() !== '') return undefined;
  const isLast = at === text.count - 1;
  if (isLast && old === '') return undefined;
  const end = isLast ? { endLine: at, endCharacter: old.length } : { endLine: at + 1, endCharacter: 0 };
  return {
    title: 'Remove the empty line',
    edit: { startLine: at, startCharacter: 0, ...end, text: '' },
    safe: true,
  };
}

function columnName(finding: FindingRange, text: ParsedLines): Fix | undefined {
  const names = text.columnNames(finding.line - 1, (cell) => read(cell.trim(), 'csv')!.trim());
  const written = marked(finding, text) ?? '';
  const name = read(written, 'csv')!.trim();
  const near = nearestPath(name);
  if (near === undefined || attributeOf(near)!.format === 'responseOnly') return undefined;
  if (names.has(near) && attributeOf(near)!.type !== 'strings') return undefined;
  const isCertain = near.toLowerCase() === name.toLowerCase();
  if (!isCertain && /itude$/.test(near) && /altitude/i.test(name)) return undefined;
  return {
    title: `Change to ${near}`,
    edit: change(finding, write(near, written, 'csv')),
    safe: isCertain,
  };
}

/** Cells with nothing but spaces, with both quotes: one that continues on another line can't be repeated. */
const emptyCells = /^(?:[, ]|" *")*$/;

function userIds(finding: FindingRange, text: ParsedLines): Fix | undefined {
  const written = marked(finding, text);
  const ids = read(written ?? '', 'csv')!
    .trim()
    .split(/\s+/);
  if (written === undefined || ids.length < 2) return undefined;
  const line = text.line(finding.line - 1)!;
  const [before, after] = [line.slice(0, finding.column - 1), line.slice(finding.endColumn - 1)];
  if (![before, after].every((text) => emptyCells.test(text))) return undefined;
  const put = ids.map((id) => write(id, written, 'csv')).join(after + text.lineEnd + before);
  return {
    title: `Write the ${ids.length} user IDs on separate lines`,
    edit: change(finding, put),
    safe: false,
  };
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

/** The JSON node of a finding and its dotted path; `undefined` if the line isn't valid JSON. */
function nodeAt({ line, column }: FindingRange, text: ParsedLines): PathNode | undefined {
  return text.nodeAt(line - 1, column - 1);
}

function memberName(finding: FindingRange, text: ParsedLines): Fix | undefined {
  const found = nodeAt(finding, text);
  const member = found?.node.parent;
  if (!found || member?.type !== 'property') return undefined;
  const name = found.node.value as string;
  const prefix = found.path.slice(0, found.path.length - name.length);
  const group = groups.get(found.path.toLowerCase());
  const isObject = member.children![1]!.type === 'object';
  const near = isObject ? group : nearestPath(found.path);
  if (near?.startsWith(prefix) !== true || near === found.path) return undefined;
  const newName = near.slice(prefix.length);
  const attribute = attributeOf(near);
  if (text.memberNames(member.parent!).has(newName) || attribute?.format === 'responseOnly') return undefined;
  if (newName.includes('.') && familyOf(`${prefix}x`) === undefined) return undefined;
  const isCertain = newName.toLowerCase() === name.toLowerCase();
  if (attribute && !fits(attribute, member.children![1]!, isCertain)) return undefined;
  return {
    title: `Change to ${newName}`,
    edit: change(finding, JSON.stringify(newName)),
    safe: isCertain,
  };
}

/** True if a value fits an attribute: a value of the wrong type belongs elsewhere, and an altitude isn't a latitude. */
function fits({ type, format }: Attribute, { type: actual, children }: Node, isCertain: boolean): boolean {
  if (type === 'number') return actual === 'number' && (isCertain || format === 'number');
  if (type === 'string') return actual === 'string';
  return actual === 'array' && children!.every((each) => each.type === 'string');
}

/** The dotted paths of all objects around attributes, by lower case. */
const groups: ReadonlyMap<string, string> = new Map(
  attributes.flatMap(({ path }) => groupsOf(path)).map((path) => [path.toLowerCase(), path]),
);

function groupsOf(path: string): string[] {
  const names = path.split('.').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('.'));
}

function dropMember(finding: FindingRange, text: ParsedLines): Fix | undefined {
  const found = nodeAt(finding, text);
  const member = found?.node.parent;
  if (!found || member?.type !== 'property') return undefined;
  if (!responseOnly.some(({ path }) => path === member.children![0]!.value)) return undefined;
  const siblings = member.parent!.children!;
  const at = childIndexAt(member.parent!, member.offset);
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
/** Formats of attributes that accept any text. */
const freeFormats: ReadonlySet<string> = new Set(['text', 'id', 'userId']);

function jsonType(finding: FindingRange, text: ParsedLines): Fix | undefined {
  const found = nodeAt(finding, text);
  const attribute = found && attributeOf(found.path);
  const written = marked(finding, text);
  if (!attribute || written === undefined) return undefined;
  const actual = found.node.type;
  const fix = (title: string, text: string): Fix => ({ title, edit: change(finding, text), safe: true });
  if (attribute.type === 'number') {
    const number = actual === 'string' ? (found.node.value as string).trim() : '';
    return jsonNumber.test(number) ? fix('Remove the quotes around the number', number) : undefined;
  }
  if (attribute.type === 'strings' && found.node.parent?.type !== 'array') {
    if (actual === 'string') return fix('Wrap in an array', `[${written}]`);
    return actual === 'number' ? fix('Write as an array of strings', `["${written}"]`) : undefined;
  }
  if (actual !== 'number' || !freeFormats.has(attribute.format)) return undefined;
  return fix('Add quotes around the number', `"${written}"`);
}
