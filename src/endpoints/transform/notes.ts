/**
 * What a transformation can have to say of values: what became of them, and in words.
 * `dropped`: they are not in the output. `changed`: they are, in another form. `kept`: as they were, though an import will not take them.
 */
export const reasons = {
  'blank-line': { effect: 'dropped', text: 'empty lines' },
  'byte-order-mark': { effect: 'dropped', text: 'the byte order mark at the beginning' },
  'column-unnamed': { effect: 'dropped', text: 'values without an attribute name' },
  'cell-surplus': { effect: 'dropped', text: 'cells beyond the last column' },
  'row-short': {
    effect: 'kept',
    text: 'rows with fewer cells than the header: what is missing counts as empty',
  },
  'quote-misplaced': { effect: 'kept', text: 'rows with a misplaced quote, which was taken as it stands' },
  'header-blanks': { effect: 'changed', text: 'blanks around a column name, which were removed' },
  'name-clash': { effect: 'dropped', text: 'values of a column whose name is also the first part of others' },
  'member-repeated': {
    effect: 'dropped',
    text: 'values of a member that comes again in its object: the last one counts',
  },
  'member-dotted': {
    effect: 'changed',
    text: 'members with a dotted name, which name a nested attribute now',
  },
  null: { effect: 'dropped', text: 'null' },
  'empty-string': { effect: 'dropped', text: 'empty texts' },
  'empty-array': { effect: 'dropped', text: 'empty arrays' },
  'empty-object': { effect: 'dropped', text: 'empty objects' },
  nested: { effect: 'dropped', text: 'objects or arrays where a single value is due' },
  'values-surplus': {
    effect: 'dropped',
    text: 'further values of an attribute that has one: the first one counts',
  },
  type: { effect: 'changed', text: 'values of another type than the attribute has' },
  'number-form': { effect: 'changed', text: 'numbers in a form that JSON does not know' },
  'number-none': { effect: 'kept', text: 'texts that are no number where one is due' },
  'line-break': { effect: 'changed', text: 'line breaks, replaced by spaces' },
  tab: { effect: 'changed', text: 'tabs, replaced by spaces' },
  'half-character': { effect: 'changed', text: 'halves of characters (lone surrogates), replaced by U+FFFD' },
  unknown: { effect: 'kept', text: 'values of an attribute that Pinpoint does not know' },
  'response-only-kept': { effect: 'kept', text: 'values that exports hold and imports do not read' },
  'response-only': { effect: 'dropped', text: 'values that exports hold and imports do not read' },
} as const satisfies Record<string, { effect: 'dropped' | 'changed' | 'kept'; text: string }>;

type Reason = keyof typeof reasons;

/** What a transformation has to say of the values of one attribute. Holds no value. */
export interface Note {
  readonly reason: Reason;
  readonly effect: 'dropped' | 'changed' | 'kept';
  /** The attribute's dotted path; absent where it concerns none, or one of so many that they are counted together. */
  readonly path?: string | undefined;
  /** True total. */
  readonly count: number;
  /** Lines of the source: the first ones. */
  readonly lines: readonly number[];
}

const maxLines = 10;
/** Beyond these, attributes are counted together, so that memory does not grow with a strange file. */
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

  /** In the order of the catalogue, the most frequent attribute first. */
  list(): readonly Note[] {
    return (Object.keys(reasons) as Reason[]).flatMap((reason) =>
      [...(this.#byReason.get(reason) ?? [])]
        .map(([path, { count, lines }]) => ({ reason, effect: reasons[reason].effect, path, count, lines }))
        .sort((a, b) => b.count - a.count),
    );
  }
}
