import { basename } from 'node:path';
import type { Finding } from '../rules/finding.ts';
import { counted } from '../rules/about.ts';
import { rules, type RuleCode } from '../rules/ruleTable.ts';
import type { ChangedExample, ComparedFile, Comparison, Example, Places } from './comparisonResult.ts';
import type { FixedCopyReport } from './fixedCopy.ts';
import type { Note } from './notes.ts';
import { reasons } from './notes.ts';
import type { TransformKind, TransformReport } from './transform.ts';

/** A link to a file, or to one of its lines. Links are data: nothing has to parse them out of text. */
export interface LinkedPlace {
  readonly text: string;
  readonly path: string;
  readonly line?: number;
}

export type DocumentPart = string | LinkedPlace;

/** A document, line by line. Strings are plain text. */
export type ResultDocument = readonly (readonly DocumentPart[])[];

/** A line, a cell of a table, or any other run of text and links. */
type Parts = readonly DocumentPart[];

/** A paragraph or table; an empty line separates two blocks. */
type Block = readonly Parts[];

const maxValueLength = 100;
const listedLines = 5;

/**
 * A comparison as a document with links to the lines.
 * Holds values of the files: show it to the user, never log it.
 */
export function comparisonDocument(comparison: Comparison): ResultDocument {
  const { by, before, after, added, removed, changed, unchanged, examples } = comparison;
  const key = by === 'id' ? 'Id' : 'Channel and address';
  const total = (count: number, shown: number): Block =>
    shown < count ? [[`The first ${number(shown)} of ${number(count)}:`]] : [];
  return documentOf(
    [['# Comparison of endpoint files']],
    [
      [
        fileLink(before),
        ' → ',
        fileLink(after),
        `, compared by ${by === 'id' ? 'Id' : 'channel and address'}.`,
      ],
    ],
    table(
      ['Endpoints', 'Count'],
      [
        [['added'], [number(added)]],
        [['removed'], [number(removed)]],
        [['changed'], [number(changed)]],
        [['unchanged'], [number(unchanged)]],
      ],
    ),
    ...attributeSection(comparison),
    ...section('Added', total(added, examples.added.length), exampleTable(key, examples.added, after)),
    ...section(
      'Removed',
      total(removed, examples.removed.length),
      exampleTable(key, examples.removed, before),
    ),
    ...section(
      'Changed',
      total(changed, examples.changed.length),
      changedTable(key, examples.changed, before, after),
    ),
    [['## Files']],
    table(
      ['', 'Before', 'After'],
      [
        [['File'], [basename(before.path)], [basename(after.path)]],
        [['Records'], [number(before.records)], [number(after.records)]],
        [
          ['Repeated endpoints (the last record counts)'],
          places(before, before.duplicates),
          places(after, after.duplicates),
        ],
        [
          [`Skipped records without ${key}`],
          places(before, before.withoutKey),
          places(after, after.withoutKey),
        ],
      ],
    ),
    [[`Ignored attributes: ${comparison.ignored.map(value).join(', ')}.`]],
    ...comparison.assumed.map(({ path, value: assumed }): Block => [
      [`One file is an export, so ${value(path)} ${value(assumed)} counts as absent.`],
    ]),
  );
}

function attributeSection({ attributes, attributesOf, changed }: Comparison): readonly Block[] {
  if (attributes.length === 0) return [];
  const rows = attributes.map(({ path, ...counts }) => [
    [value(path)],
    [number(counts.added)],
    [number(counts.removed)],
    [number(counts.changed)],
  ]);
  const rounded = attributes.some(
    ({ path }) => path === 'Location.Latitude' || path === 'Location.Longitude',
  );
  return [
    [['## Attributes of changed endpoints']],
    attributesOf < changed ? [[`Of the first ${number(attributesOf)} changed endpoints.`]] : [],
    table(['Attribute', 'Value added', 'Value removed', 'Value changed'], rows),
    rounded ? [['The service rounds Latitude and Longitude to one decimal.']] : [],
  ];
}

function exampleTable(key: string, examples: readonly Example[], file: ComparedFile): Block {
  return table(
    ['Line', key],
    examples.map((example) => [[lineLink(file, example.line)], [value(example.key)]]),
  );
}

function changedTable(
  key: string,
  examples: readonly ChangedExample[],
  before: ComparedFile,
  after: ComparedFile,
): Block {
  const rows = examples.flatMap((example) =>
    example.differences.map((difference, index): readonly Parts[] => [
      index === 0 ? [lineLink(before, example.lineBefore), ' → ', lineLink(after, example.lineAfter)] : [],
      index === 0 ? [value(example.key)] : [],
      [value(difference.path)],
      [values(difference.before)],
      [values(difference.after)],
    ]),
  );
  return table(['Lines', key, 'Attribute', 'Before', 'After'], rows);
}

function places(file: ComparedFile, { count, lines }: Places): Parts {
  return count === 0
    ? ['0']
    : [`${number(count)} (`, ...lineList(count, lines, (line) => lineLink(file, line)), ')'];
}

const titles: Readonly<Record<TransformKind, string>> = {
  convert: 'Conversion',
  fix: 'Fixed copy',
  'make-importable': 'Made importable',
  split: 'Split',
  'json-to-lines': 'JSON to NDJSON',
};

const effects: Readonly<Record<Note['effect'], string>> = {
  dropped: 'Removed',
  changed: 'Changed',
  kept: 'Kept',
};

/** The report of a transformation as a document. Holds attribute names and line numbers, but no values. */
export function transformDocument(report: TransformReport): ResultDocument {
  const rows = report.notes.map(({ reason, effect, path, count, lines }) => [
    [effects[effect]],
    [reasons[reason].text],
    path === undefined ? [] : [value(path)],
    [number(count)],
    lineList(count, lines, (line) => lineLink({ path: report.source }, line)),
  ]);
  return documentOf(
    [[`# ${titles[report.kind]}: ${basename(report.source)}`]],
    [
      [
        `${counted(report.records, 'record')}, ${counted(report.bytesIn, 'byte')} in, ${counted(report.bytesOut, 'byte')} out.`,
      ],
    ],
    writtenTable(report),
    [['## Changes']],
    rows.length === 0
      ? [['Nothing was lost or changed.']]
      : table(['Change', 'What', 'Attribute', 'Count', 'Lines'], rows),
  );
}

/** The findings of a fixed copy. */
interface Remaining {
  readonly counts: Readonly<Partial<Record<RuleCode, number>>>;
  readonly issues: readonly (Pick<Finding, 'code' | 'line'> & { readonly file: string })[];
}

/** The fixed and the remaining findings of a copy as a document. Holds no values. */
export function fixedCopyDocument(report: FixedCopyReport, { counts, issues }: Remaining): ResultDocument {
  const { source, fixed, left, outputs } = report;
  const wasJsonArray = fixed.some((each) => each.code === 'file-json-array');
  // The lines of a former JSON array exist only in the copy.
  const linesIn = { path: wasJsonArray ? outputs[0]!.path : source };
  const total = fixed.reduce((sum, { count }) => sum + count, 0);
  const remaining = Object.entries(counts) as [RuleCode, number][];
  const linksTo = (wanted: RuleCode): Parts =>
    listed(
      issues
        .filter((issue) => issue.code === wanted)
        .slice(0, listedLines)
        .map((issue) => lineLink({ path: issue.file }, issue.line)),
    );
  return documentOf(
    [[`# ${titles[report.kind]}: ${basename(source)}`]],
    [
      [
        `Fixed ${counted(total, 'problem')} in ${counted(report.changedLines, 'line')} of `,
        fileLink({ path: source }),
        ', which is unchanged.',
      ],
    ],
    writtenTable(report),
    [['## Fixed']],
    fixed.length === 0
      ? [['Nothing.']]
      : table(
          ['Rule', 'What', 'Count', 'First lines'],
          fixed.map((each) => [
            [each.code],
            [rules[each.code].title],
            [number(each.count)],
            lineList(each.count, each.lines, (line) => lineLink(linesIn, line)),
          ]),
        ),
    [['## Remaining']],
    left === undefined
      ? []
      : [
          [
            `The columns weren't rewritten (${left.codes.join(', ')}): ${
              left.reason === 'quote' ? 'misplaced quote' : 'number of cells differs from the header'
            } in line `,
            lineLink({ path: source }, left.line),
            '.',
          ],
        ],
    remaining.length === 0
      ? [['The copy has no problems.']]
      : table(
          ['Rule', 'What', 'Count', 'First lines in the copy'],
          remaining
            .toSorted(([, a], [, b]) => b - a)
            .map(([each, count]) => [[each], [rules[each].title], [number(count)], linksTo(each)]),
        ),
  );
}

function writtenTable({ outputs }: Pick<TransformReport, 'outputs'>): Block {
  return table(
    ['Written', 'Records', 'Bytes'],
    outputs.map(({ path, records, bytes }) => [[fileLink({ path })], [number(records)], [number(bytes)]]),
  );
}

function section(title: string, note: Block, content: Block): readonly Block[] {
  return content.length === 0 ? [] : [[[`## ${title}`]], note, content];
}

function documentOf(...blocks: readonly Block[]): ResultDocument {
  return blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index === 0 ? block : [[], ...block]));
}

function table(header: readonly string[], rows: readonly (readonly Parts[])[]): Block {
  if (rows.length === 0) return [];
  const line = (cells: readonly Parts[]): Parts => ['| ', ...joined(cells, ' | '), ' |'];
  return [line(header.map((name) => [name])), line(header.map(() => ['---'])), ...rows.map(line)];
}

function joined(parts: readonly Parts[], between: string): Parts {
  return parts.flatMap((part, index) => (index === 0 ? part : [between, ...part]));
}

function listed(parts: Parts): Parts {
  return joined(
    parts.map((part) => [part]),
    ', ',
  );
}

function values(list: readonly string[]): string {
  return list.length === 0 ? '–' : list.map(value).join(', ');
}

function lineList(count: number, lines: readonly number[], link: (line: number) => DocumentPart): Parts {
  const shown = lines.slice(0, listedLines);
  return [...listed(shown.map(link)), ...(shown.length < count ? [', …'] : [])];
}

/** A link to a line; a compressed file has no line that an editor could open. */
function lineLink({ path }: { readonly path: string }, line: number): DocumentPart {
  return /\.gz$/i.test(path) ? String(line) : { text: String(line), path, line };
}

function fileLink({ path }: { readonly path: string }): DocumentPart {
  return { text: basename(path), path };
}

function number(count: number): string {
  return count.toLocaleString('en-US');
}

/** A name or value of a file in quotes, shortened. */
function value(text: string): string {
  return JSON.stringify(text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text);
}
