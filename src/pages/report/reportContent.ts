import * as vscode from 'vscode';
import type { Severity } from '../../endpoints/rules/rule.ts';
import type { AttributeProfile, Profile } from '../../endpoints/report/profile.ts';
import {
  percent,
  wholeOf,
  type AudienceReport,
  type FileReport,
  type RuleFindings,
} from '../../endpoints/report/report.ts';
import { baseName, formatBytes, formatCount, formatMoment } from '../../host/format.ts';
import type { Action, Element, Piece } from './pageProtocol.ts';

const { t } = vscode.l10n;

type Tag = Element['tag'];

function element(
  tag: Tag,
  children: readonly Piece[] = [],
  attributes: Element['attributes'] = {},
  action?: Action,
): Element {
  return { tag, children, attributes, ...(action !== undefined && { action }) };
}

function button(id: string, text: string, action: Action, className = '', label = ''): Element {
  const attributes = { id, class: className, ...(label !== '' && { 'aria-label': label }) };
  return element('button', [text], attributes, action);
}

/** The page while a report is counted. */
export function countingPage(names: readonly string[]): Element {
  return element('main', [
    element('h1', [t('Audience Report')]),
    element('p', [t('Validating and counting {0}…', names.join(', '))], { role: 'status' }),
    element('progress', [], { 'aria-label': t('Progress'), max: '1', value: '0' }),
    element('div', [button('cancel', t('Cancel'), { kind: 'cancel' })], { class: 'actions' }),
  ]);
}

/** The page if there is no report: why, and what to do. */
export function failurePage(why: string): Element {
  return element('main', [
    element('h1', [t('Audience Report')]),
    element('p', [why], { role: 'alert', class: 'notice' }),
    element('div', [button('again', t('Validate Again'), { kind: 'again' }, 'first')], { class: 'actions' }),
  ]);
}

/** The report. `changed`: files that changed since they were counted. */
export function reportContent(report: AudienceReport, changed: readonly string[]): Element {
  const { files, profile, counted } = report;
  const total = (of: (file: FileReport) => number): number => files.reduce((sum, file) => sum + of(file), 0);
  const records = total((file) => file.records);
  const tiles: readonly (readonly [string, string])[] = [
    ...(files.length > 1 ? [[t('Files'), formatCount(files.length)] as const] : []),
    [t('Records'), formatCount(records)],
    [t('Errors'), formatCount(total((file) => file.errors))],
    [t('Warnings'), formatCount(total((file) => file.warnings))],
    [t('Infos'), formatCount(total((file) => file.infos))],
    [t('Size'), formatBytes(total((file) => file.bytes))],
  ];
  const unread = records - profile.records;
  return element('main', [
    element('header', [
      element('h1', [
        files.length === 1 ? baseName(files[0]!.path) : t('{0} files', formatCount(files.length)),
      ]),
      element('p', [t('Validated and counted: {0}', formatMoment(counted))], { class: 'quiet' }),
      ...(changed.length === 0
        ? []
        : [
            element('p', [t('Changed since: {0}', changed.map(baseName).join(', '))], {
              class: 'notice',
              role: 'status',
            }),
          ]),
      element(
        'div',
        [
          button('again', t('Validate Again'), { kind: 'again' }, 'first'),
          button('markdown', t('Export as Markdown…'), { kind: 'export', format: 'markdown' }),
          button('json', t('Export as JSON…'), { kind: 'export', format: 'json' }),
        ],
        { class: 'actions' },
      ),
    ]),
    element(
      'ul',
      tiles.map(([name, value]) => element('li', [element('strong', [value]), name])),
      { class: 'tiles', 'aria-label': t('Totals') },
    ),
    ...(unread === 0
      ? []
      : [
          element('p', [t('Unreadable records, not counted below: {0}', formatCount(unread))], {
            class: 'notice',
          }),
        ]),
    section(
      t('Findings'),
      files.flatMap((file, index) => fileFindings(file, index, files.length > 1)),
    ),
    ...topValues(profile),
    ...(profile.attributes.length > 0 ? [section(t('Attributes'), attributeTable(profile))] : []),
    ...metrics(profile),
    ...users(profile, files.length > 1),
  ]);
}

function section(title: string, children: readonly Piece[]): Element {
  const id = `section-${title.replace(/\W+/g, '-')}`;
  return element('section', [element('h2', [title], { id }), ...children], { 'aria-labelledby': id });
}

function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Piece[])[],
  className = '',
): Element {
  return element(
    'div',
    [
      element(
        'table',
        [
          element('caption', [caption]),
          element('thead', [
            element(
              'tr',
              head.map((name) => element('th', [name], { scope: 'col' })),
            ),
          ]),
          element(
            'tbody',
            rows.map(([first, ...others]) =>
              element('tr', [
                element('th', [first ?? ''], { scope: 'row' }),
                ...others.map((cell) => element('td', [cell])),
              ]),
            ),
          ),
        ],
        { class: className },
      ),
    ],
    { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: '0' },
  );
}

/** A bar repeats the number beside it, so screen readers skip it. */
function bar(part: number, whole: number): Element {
  const width = `${whole === 0 ? 0 : Math.min(100, (100 * part) / whole).toFixed(2)}%`;
  return element('svg', [element('rect', [], { width, height: '100%', x: '0', y: '0' })], {
    'aria-hidden': 'true',
  });
}

function fileFindings(file: FileReport, index: number, several: boolean): readonly Piece[] {
  const name = baseName(file.path);
  const heading = several
    ? [
        element('h3', [
          button(`file-${index}`, name, { kind: 'file', file: index }, 'link', t('Open {0}', name)),
        ]),
      ]
    : [];
  const packed = file.packed
    ? [element('p', [t('This file is compressed, which imports reject.')], { class: 'quiet' })]
    : [];
  if (file.findings.length === 0) return [...heading, ...packed, element('p', [t('No problems found.')])];
  const rows = file.findings.map((found, rule) => [
    element('span', [
      found.title,
      ' ',
      button(
        `rule-${index}-${rule}`,
        found.code,
        { kind: 'rule', code: found.code },
        'link',
        t('What {0} means', found.code),
      ),
    ]),
    element('span', [severityName(found.severity)], { class: found.severity }),
    formatCount(found.count),
    element('div', places(file, index, found, rule), { class: 'places' }),
  ]);
  const caption = t('Findings in {0} by rule', name);
  return [
    ...heading,
    ...packed,
    table(caption, [t('Finding'), t('Severity'), t('Count'), t('First at')], rows, 'findings'),
  ];
}

function places(
  { packed }: FileReport,
  file: number,
  { places: all, count, code }: RuleFindings,
  rule: number,
): readonly Piece[] {
  const shown = all.map(({ line, column }, place) => {
    const text = `${line}:${column}`;
    // The editor doesn't open compressed files.
    if (packed) return element('span', [text]);
    const label = t('{0}: line {1}, column {2}', code, line, column);
    return button(`place-${file}-${rule}-${place}`, text, { kind: 'open', file, rule, place }, 'link', label);
  });
  const more = count - all.length;
  return more > 0
    ? [...shown, element('span', [t('and {0} more', formatCount(more))], { class: 'quiet' })]
    : shown;
}

function severityName(severity: Severity): string {
  switch (severity) {
    case 'error':
      return t('error');
    case 'warning':
      return t('warning');
    case 'info':
      return t('info');
  }
}

/** Attributes whose values are shown first. */
const firstShown = [
  'ChannelType',
  'OptOut',
  'EndpointStatus',
  'Location.Country',
  'Demographic.Platform',
  'Demographic.Locale',
  'Demographic.Timezone',
];
const maxRows = 12;

function topValues({ attributes, records }: Profile): readonly Element[] {
  const shown = attributes
    .filter(({ top }) => top !== undefined && top.values.length > 0)
    .sort((a, b) => rank(a.path) - rank(b.path));
  if (shown.length === 0) return [];
  return [
    section(t('Values'), [
      element(
        'div',
        shown.map((attribute) => valueTable(attribute, records)),
        { class: 'grid' },
      ),
      element(
        'p',
        [
          t(
            'Only non-identifying values are shown: predefined ones, and those that at least five records have.',
          ),
        ],
        { class: 'quiet' },
      ),
    ]),
  ];
}

function rank(path: string): number {
  const index = firstShown.indexOf(path);
  return index < 0 ? firstShown.length : index;
}

function valueTable(attribute: AttributeProfile, records: number): Element {
  const { values, others, atLeast } = attribute.top!;
  const whole = wholeOf(attribute, records);
  const shown = values.slice(0, maxRows);
  const rest = others + values.slice(maxRows).reduce((sum, { count }) => sum + count, 0);
  const row = (name: string, count: number, prefix: string): readonly Piece[] => [
    name,
    (atLeast ? prefix : '') + formatCount(count),
    percent(count, whole.count),
    bar(count, whole.count),
  ];
  const rows = shown.map(({ value, count }) => row(value, count, '≥ '));
  if (rest > 0) rows.push(row(t('(other values)'), rest, '≤ '));
  const share = whole.of === 'values' ? t('Of values') : t('Of records');
  return table(attribute.path, [t('Value'), t('Count'), share, ''], rows);
}

function attributeTable({ attributes, records, left }: Profile): readonly Piece[] {
  const rows = attributes.map(({ path, filled, values, distinct, longest, limit, near, over }) => [
    path,
    formatCount(filled),
    percent(filled, records),
    bar(filled, records),
    formatCount(values),
    (distinct.exact ? '' : '≈ ') + formatCount(distinct.count),
    limit === undefined ? formatCount(longest) : t('{0} of {1}', formatCount(longest), formatCount(limit)),
    limit === undefined ? '–' : formatCount(near),
    element('span', [limit === undefined ? '–' : formatCount(over)], { class: over > 0 ? 'error' : '' }),
  ]);
  const head = [
    t('Attribute'),
    t('Filled'),
    t('Of records'),
    '',
    t('Values'),
    t('Distinct'),
    t('Longest'),
    t('Near limit'),
    t('Over limit'),
  ];
  const more =
    left.count === 0
      ? []
      : [
          element('p', [
            left.atLeast
              ? t('And at least {0} other attributes.', formatCount(left.count))
              : t('And {0} other attributes.', formatCount(left.count)),
          ]),
        ];
  return [
    table(t('How many records have each attribute, and its values. Lengths are in characters.'), head, rows),
    ...more,
    element(
      'p',
      [
        t(
          '≈ is an estimate: most are within 0.8 %, nearly all within 2.5 %. Values near the limit have at least 90 % of its characters.',
        ),
      ],
      { class: 'quiet' },
    ),
  ];
}

function metrics({ attributes }: Profile): readonly Element[] {
  const rows = attributes.flatMap(({ path, numbers }) =>
    numbers === undefined
      ? []
      : [
          [
            path,
            formatCount(numbers.count),
            numbers.exactLeast ?? formatNumber(numbers.least),
            formatNumber(numbers.mean),
            numbers.exactMost ?? formatNumber(numbers.most),
          ],
        ],
  );
  if (rows.length === 0) return [];
  return [
    section(t('Metrics'), [
      table(t('Values of each metric'), [t('Metric'), t('Numbers'), t('Min'), t('Mean'), t('Max')], rows),
    ]),
  ];
}

function formatNumber(value: number): string {
  return value.toLocaleString(vscode.env.language, { maximumSignificantDigits: 6 });
}

function users({ users: { byEndpoints, complete } }: Profile, several: boolean): readonly Element[] {
  const total = byEndpoints.reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  const rows = byEndpoints.flatMap((count, index) => {
    if (count === 0) return [];
    const name = index === byEndpoints.length - 1 ? t('{0} or more', index + 1) : formatCount(index + 1);
    return [[name, formatCount(count), percent(count, total), bar(count, total)]];
  });
  const notes = [
    ...(several ? [t('Users are counted file by file.')] : []),
    ...(complete ? [] : [t("There were too many users to count. The others aren't included.")]),
  ];
  return [
    section(t('Endpoints per User'), [
      table(
        t('Users by number of endpoints; a user can have 15'),
        [t('Endpoints'), t('Users'), t('Of users'), ''],
        rows,
      ),
      ...notes.map((note) => element('p', [note], { class: 'quiet' })),
    ]),
  ];
}
