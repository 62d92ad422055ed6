import { basename } from 'node:path';
import type { Issue } from '../rules/finding.ts';
import { rules, type RuleCode } from '../rules/ruleTable.ts';
import type { ChangedExample, ComparedFile, Comparison, Example, Places } from './comparisonResult.ts';
import type { FixedCopyReport } from './fixedCopy.ts';
import type { Note } from './notes.ts';
import { reasons } from './notes.ts';
import type { TransformKind, TransformReport } from './transform.ts';

/** A piece of text that leads to a file, or to a line of it. Links are data: nothing finds them in finished text. */
export interface LinkedPlace {
  readonly text: string;
  readonly path: string;
  readonly line?: number;
}

export type DocumentPart = string | LinkedPlace;

/** A document, line by line. What is no link is text. */
export type ResultDocument = readonly (readonly DocumentPart[])[];

/** A line, a cell of a table, or any other run of text and links. */
type Parts = readonly DocumentPart[];

/** Lines that belong together; a document has an empty line between two blocks. */
type Block = readonly Parts[];

const maxValueLength = 100;
const listedLines = 5;

/**
 * A comparison as a document with links to the lines.
 * Holds values of the files: for the user's eyes, not for logs.
 */
export function comparisonDocument(comparison: Comparison): ResultDocument {
  const { by, before, after, added, removed, changed, unchanged, examples } = comparison;
  const key = by === 'id' ? 'Id' : 'Channel and address';
  const total = (count: number, shown: number): Block =>
    shown < count ? [[`The first ${number(shown)} of ${number(count)}:`]] : [];
  return documentOf(
    [['# Comparison of audiences']],
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
          [`Records without ${key}, left out`],
          places(before, before.withoutKey),
          places(after, after.withoutKey),
        ],
      ],
    ),
    [[`Left out of the comparison: ${comparison.ignored.map(value).join(', ')}.`]],
    ...comparison.assumed.map(({ path, value: assumed }): Block => [
      [`One file is an export: ${value(path)} ${value(assumed)} counts as no ${value(path)}.`],
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
  'json-to-lines': 'JSON to one object a line',
};

const effects: Readonly<Record<Note['effect'], string>> = {
  dropped: 'Left out',
  changed: 'Changed',
  kept: 'Kept as it is',
};

/** What a transformation did, as a document. Holds names of attributes and lines, and no values. */
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
        `${number(report.records)} records, ${number(report.bytesIn)} bytes in, ${number(report.bytesOut)} bytes out.`,
      ],
    ],
    writtenTable(report),
    [['## What is different']],
    rows.length === 0
      ? [['Nothing was lost or changed.']]
      : table(['What became of it', 'What', 'Attribute', 'Count', 'Lines'], rows),
  );
}

/** What a check of a fixed copy found. */
interface Remaining {
  readonly counts: Readonly<Partial<Record<RuleCode, number>>>;
  readonly issues: readonly (Pick<Issue, 'code' | 'line'> & { readonly file: string })[];
}

/** What was put right in a copy, and what was not, as a document. Holds no values. */
export function fixedCopyDocument(report: FixedCopyReport, { counts, issues }: Remaining): ResultDocument {
  const { source, fixed, left, outputs } = report;
  const wasNoNdjson = fixed.some((each) => each.code === 'file-json-array');
  // Of a file that was no NDJSON, only the copy has the lines.
  const linesIn = { path: wasNoNdjson ? outputs[0]!.path : source };
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
        `${number(total)} findings put right in ${number(report.changedLines)} lines of `,
        fileLink({ path: source }),
        ', which is as it was.',
      ],
    ],
    writtenTable(report),
    [['## Put right']],
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
    [['## Not put right']],
    left === undefined
      ? []
      : [
          [
            `The columns were not written anew (${left.codes.join(', ')}): ${
              left.reason === 'quote'
                ? 'a quote is in the wrong place'
                : 'another number of cells than the header'
            } in line `,
            lineLink({ path: source }, left.line),
            '.',
          ],
        ],
    remaining.length === 0
      ? [['Nothing is wrong with the copy.']]
      : table(
          ['Rule', 'What', 'Count', 'First lines of the copy'],
          remaining
            .toSorted(([, one], [, other]) => other - one)
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

/** Text in a file is found by its line; what is packed has none that an editor could go to. */
function lineLink({ path }: { readonly path: string }, line: number): DocumentPart {
  return /\.gz$/i.test(path) ? String(line) : { text: String(line), path, line };
}

function fileLink({ path }: { readonly path: string }): DocumentPart {
  return { text: basename(path), path };
}

function number(count: number): string {
  return count.toLocaleString('en-US');
}

/** A name or value of a file between quotes, not too long. */
function value(text: string): string {
  return JSON.stringify(text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text);
}
