/**
 * What a transformation can report about values, and the effect on them.
 * `dropped`: not in the output. `changed`: in another form. `kept`: unchanged, although imports don't accept them.
 */
export const reasons = {
  'blank-line': { effect: 'dropped', text: 'empty lines' },
  'byte-order-mark': { effect: 'dropped', text: 'the byte order mark at the beginning' },
  'column-unnamed': { effect: 'dropped', text: 'values without an attribute name' },
  'cell-surplus': { effect: 'dropped', text: 'cells beyond the last column' },
  'row-short': {
    effect: 'kept',
    text: 'rows with fewer cells than the header: missing cells count as empty',
  },
  'quote-misplaced': { effect: 'kept', text: 'rows with a misplaced quote, kept as it is' },
  'header-blanks': { effect: 'changed', text: 'spaces around a column name, removed' },
  'name-clash': { effect: 'dropped', text: 'values of a column whose name is a prefix of other columns' },
  'member-repeated': {
    effect: 'dropped',
    text: 'values of a repeated member: the last one counts',
  },
  'member-dotted': {
    effect: 'changed',
    text: 'members with a dotted name, converted to nested attributes',
  },
  null: { effect: 'dropped', text: 'null' },
  'empty-string': { effect: 'dropped', text: 'empty strings' },
  'empty-array': { effect: 'dropped', text: 'empty arrays' },
  'empty-object': { effect: 'dropped', text: 'empty objects' },
  nested: { effect: 'dropped', text: 'objects or arrays where a single value is expected' },
  'values-surplus': {
    effect: 'dropped',
    text: 'extra values of a single-value attribute: the first one counts',
  },
  type: { effect: 'changed', text: 'values of the wrong type' },
  'number-form': { effect: 'changed', text: 'numbers in a form that is invalid in JSON' },
  'number-none': { effect: 'kept', text: 'text where a number is expected' },
  'line-break': { effect: 'changed', text: 'line breaks, replaced with spaces' },
  tab: { effect: 'changed', text: 'tabs, replaced with spaces' },
  'half-character': { effect: 'changed', text: 'lone surrogates (half characters), replaced with U+FFFD' },
  unknown: { effect: 'kept', text: 'values of an unknown attribute' },
  'response-only-kept': { effect: 'kept', text: 'export-only values, which imports ignore' },
  'response-only': { effect: 'dropped', text: 'export-only values, which imports ignore' },
} as const satisfies Record<string, { effect: 'dropped' | 'changed' | 'kept'; text: string }>;

type Reason = keyof typeof reasons;

/** What a transformation reports about the values of one attribute. Holds no values. */
export interface Note {
  readonly reason: Reason;
  readonly effect: 'dropped' | 'changed' | 'kept';
  /** The attribute's dotted path; absent if the note isn't about an attribute, or beyond `maxPaths` of them. */
  readonly path?: string | undefined;
  /** The total, whatever `lines` lists. */
  readonly count: number;
  /** Lines of the source: the first ones. */
  readonly lines: readonly number[];
}

const maxLines = 10;
/** Beyond these, attributes are counted together, to limit memory on malformed files. */
const maxPaths = 300;

interface Entry {
  count: number;
  readonly lines: number[];
}

/** Collects notes while a file is read. */
export class Notes {
  readonly #byReason = new Map<Reason, Map<string | undefined, Entry>>();

  add(reason: Reason, line: number, path?: string, count = 1): void {
    let paths = this.#byReason.get(reason);
    if (paths === undefined) {
      paths = new Map<string | undefined, Entry>();
      this.#byReason.set(reason, paths);
    }
    const key = paths.has(path) || paths.size < maxPaths ? path : undefined;
    let entry = paths.get(key);
    if (entry === undefined) {
      entry = { count: 0, lines: [] };
      paths.set(key, entry);
    }
    entry.count += count;
    if (entry.lines.length < maxLines && entry.lines.at(-1) !== line) entry.lines.push(line);
  }

  /** In the order of `reasons`, the most frequent attribute first. */
  list(): readonly Note[] {
    return (Object.keys(reasons) as Reason[]).flatMap((reason) =>
      [...(this.#byReason.get(reason) ?? [])]
        .map(([path, { count, lines }]) => ({ reason, effect: reasons[reason].effect, path, count, lines }))
        .sort((a, b) => b.count - a.count),
    );
  }
}
