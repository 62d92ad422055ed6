import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Issue } from '../rules/finding.ts';
import { rules, type RuleCode } from '../rules/ruleTable.ts';
import type { ChangedExample, ComparedFile, Comparison, Example, Places } from './comparisonResult.ts';
import type { FixedCopyReport } from './fixedCopy.ts';
import type { Note } from './notes.ts';
import { reasons } from './notes.ts';
import type { TransformKind, TransformReport } from './transform.ts';

const maxValueLength = 100;
const listedLines = 5;

/**
 * A comparison as a page of Markdown, with links to the lines.
 * Holds values of the files: for the user's eyes, not for logs.
 */
export function comparisonDocument(comparison: Comparison): string {
  const { by, before, after, added, removed, changed, unchanged, examples } = comparison;
  const key = by === 'id' ? 'Id' : 'Channel and address';
  const total = (count: number, shown: number): string =>
    shown < count ? `The first ${number(shown)} of ${number(count)}:` : '';
  return page(
    '# Comparison of audiences',
    `${fileLink(before)} → ${fileLink(after)}, compared by ${by === 'id' ? 'Id' : 'channel and address'}.`,
    table(
      ['Endpoints', 'Count'],
      [
        ['added', number(added)],
        ['removed', number(removed)],
        ['changed', number(changed)],
        ['unchanged', number(unchanged)],
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
    '## Files',
    table(
      ['', 'Before', 'After'],
      [
        ['File', code(basename(before.path)), code(basename(after.path))],
        ['Records', number(before.records), number(after.records)],
        [
          'Repeated endpoints (the last record counts)',
          places(before, before.duplicates),
          places(after, after.duplicates),
        ],
        [
          `Records without ${key}, left out`,
          places(before, before.withoutKey),
          places(after, after.withoutKey),
        ],
      ],
    ),
    `Left out of the comparison: ${comparison.ignored.map(code).join(', ')}.`,
    ...comparison.assumed.map(
      ({ path, value }) => `One file is an export: ${code(path)} ${code(value)} counts as no ${code(path)}.`,
    ),
  );
}

function attributeSection({ attributes, attributesOf, changed }: Comparison): readonly string[] {
  if (attributes.length === 0) return [];
  const rows = attributes.map(({ path, ...counts }) => [
    code(path),
    number(counts.added),
    number(counts.removed),
    number(counts.changed),
  ]);
  const rounded = attributes.some(
    ({ path }) => path === 'Location.Latitude' || path === 'Location.Longitude',
  );
  return [
    '## Attributes of changed endpoints',
    attributesOf < changed ? `Of the first ${number(attributesOf)} changed endpoints.` : '',
    table(['Attribute', 'Value added', 'Value removed', 'Value changed'], rows),
    rounded ? 'The service rounds Latitude and Longitude to one decimal.' : '',
  ];
}

function exampleTable(key: string, examples: readonly Example[], file: ComparedFile): string {
  return table(
    ['Line', key],
    examples.map((example) => [lineLink(file, example.line), code(example.key)]),
  );
}

function changedTable(
  key: string,
  examples: readonly ChangedExample[],
  before: ComparedFile,
  after: ComparedFile,
): string {
  const rows = examples.flatMap((example) =>
    example.differences.map((difference, index) => [
      index === 0 ? `${lineLink(before, example.lineBefore)} → ${lineLink(after, example.lineAfter)}` : '',
      index === 0 ? code(example.key) : '',
      code(difference.path),
      values(difference.before),
      values(difference.after),
    ]),
  );
  return table(['Lines', key, 'Attribute', 'Before', 'After'], rows);
}

function places(file: ComparedFile, { count, lines }: Places): string {
  return count === 0 ? '0' : `${number(count)} (${lineList(count, lines, (line) => lineLink(file, line))})`;
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

/** What a transformation did, as a page of Markdown. Holds names of attributes and lines, and no values. */
export function transformDocument(report: TransformReport): string {
  const rows = report.notes.map(({ reason, effect, path, count, lines }) => [
    effects[effect],
    reasons[reason].text,
    path === undefined ? '' : code(path),
    number(count),
    lineList(count, lines, (line) => lineLink({ path: report.source }, line)),
  ]);
  return page(
    `# ${titles[report.kind]}: ${text(basename(report.source))}`,
    `${number(report.records)} records, ${number(report.bytesIn)} bytes in, ${number(report.bytesOut)} bytes out.`,
    table(
      ['Written', 'Records', 'Bytes'],
      report.outputs.map(({ path, records, bytes }) => [fileLink({ path }), number(records), number(bytes)]),
    ),
    '## What is different',
    rows.length === 0
      ? 'Nothing was lost or changed.'
      : table(['What became of it', 'What', 'Attribute', 'Count', 'Lines'], rows),
  );
}

/** What a check of a fixed copy found. */
interface Remaining {
  readonly counts: Readonly<Partial<Record<RuleCode, number>>>;
  readonly issues: readonly (Pick<Issue, 'code' | 'line'> & { readonly file: string })[];
}

/** What was put right in a copy, and what was not, as a page of Markdown. Holds no values. */
export function fixedCopyDocument(report: FixedCopyReport, { counts, issues }: Remaining): string {
  const { source, fixed, left, outputs } = report;
  const wasNoNdjson = fixed.some((each) => each.code === 'file-json-array');
  // Of a file that was no NDJSON, only the copy has the lines.
  const linesIn = { path: wasNoNdjson ? outputs[0]!.path : source };
  const total = fixed.reduce((sum, { count }) => sum + count, 0);
  const remaining = Object.entries(counts) as [RuleCode, number][];
  const linksTo = (wanted: RuleCode): string =>
    issues
      .filter((issue) => issue.code === wanted)
      .slice(0, listedLines)
      .map((issue) => lineLink({ path: issue.file }, issue.line))
      .join(', ');
  return page(
    `# ${titles[report.kind]}: ${text(basename(source))}`,
    `${number(total)} findings put right in ${number(report.changedLines)} lines of ${fileLink({ path: source })}, which is as it was.`,
    table(
      ['Written', 'Records', 'Bytes'],
      outputs.map(({ path, records, bytes }) => [fileLink({ path }), number(records), number(bytes)]),
    ),
    '## Put right',
    fixed.length === 0
      ? 'Nothing.'
      : table(
          ['Rule', 'What', 'Count', 'First lines'],
          fixed.map((each) => [
            code(each.code),
            rules[each.code].title,
            number(each.count),
            lineList(each.count, each.lines, (line) => lineLink(linesIn, line)),
          ]),
        ),
    '## Not put right',
    left === undefined
      ? ''
      : `The columns were not written anew (${left.codes.map(code).join(', ')}): ${
          left.reason === 'quote'
            ? 'a quote is in the wrong place'
            : 'another number of cells than the header'
        } in line ${lineLink({ path: source }, left.line)}.`,
    remaining.length === 0
      ? 'Nothing is wrong with the copy.'
      : table(
          ['Rule', 'What', 'Count', 'First lines of the copy'],
          remaining
            .toSorted(([, one], [, other]) => other - one)
            .map(([each, count]) => [code(each), rules[each].title, number(count), linksTo(each)]),
        ),
  );
}

function section(title: string, note: string, content: string): readonly string[] {
  return content === '' ? [] : [`## ${title}`, note, content];
}

function page(...parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function values(list: readonly string[]): string {
  return list.length === 0 ? '–' : list.map(code).join(', ');
}

function lineList(count: number, lines: readonly number[], link: (line: number) => string): string {
  const shown = lines.slice(0, listedLines);
  return `${shown.map(link).join(', ')}${shown.length < count ? ', …' : ''}`;
}

/** Text in a file is found by its line; what is packed has none that an editor could go to. */
function lineLink({ path }: { readonly path: string }, line: number): string {
  return /\.gz$/i.test(path) ? String(line) : `[${line}](<${url(path)}#L${line}>)`;
}

function fileLink({ path }: { readonly path: string }): string {
  return `[${text(basename(path))}](<${url(path)}>)`;
}

function url(path: string): string {
  return pathToFileURL(path).href;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** A value as it is, in one line and no Markdown. */
function code(value: string): string {
  const short = value.length > maxValueLength ? `${value.slice(0, maxValueLength)}…` : value;
  const line = short.replaceAll(/[\p{Control}\p{Surrogate}]/gu, ' ').replaceAll('|', '\\|');
  const fence = '`'.repeat(1 + Math.max(0, ...(line.match(/`+/g) ?? []).map((ticks) => ticks.length)));
  const needsRoom = /^`|`$|^ .* $/.test(line) || line.trim() === '';
  return needsRoom ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

function text(value: string): string {
  return value.replaceAll(/[\\`*_[\]#|<>~&]/g, '\\$&');
}
