import type { Attribute } from '../model/attributes.ts';
import { getOwn } from '../../ownMember.ts';

/** What a check knows about a finding, for its message. */
export interface Facts {
  /** The name of the value, column or member, if it isn't row content: see `subjectOfColumn` and `subjectOfMember`. */
  readonly subject?: string;
  readonly attribute?: Attribute | undefined;
  /** The check's count or measure; for rules with variants, the variant. */
  readonly number?: number;
  /** The expected count. */
  readonly expected?: number;
  /** The supported name that was probably intended. */
  readonly meant?: string | undefined;
  /** A word from the check, such as the name of an encoding. */
  readonly word?: string | undefined;
  /** The marked text. Never part of a message, unless it is a known near-miss. */
  readonly text?: () => string;
}

/** A value that is known to be written instead of another. */
interface NearMiss {
  readonly written: string;
  readonly meant: string;
}

/**
 * What a message may contain. Row content isn't accessible: of a value there is only its shape, or the value itself if the rule
 * knows it as a near-miss of a closed list.
 */
export class About {
  readonly subject: string;
  readonly attribute: Attribute | undefined;
  readonly number: number;
  readonly expected: number;
  readonly meant: string | undefined;
  readonly word: string;
  readonly #text: () => string;
  readonly #nearMiss: ((value: string) => string | undefined) | undefined;

  constructor(facts: Facts, nearMiss: ((value: string) => string | undefined) | undefined) {
    this.subject = facts.subject ?? 'The value';
    this.attribute = facts.attribute;
    this.number = facts.number ?? 0;
    this.expected = facts.expected ?? 0;
    this.meant = facts.meant;
    this.word = facts.word ?? '';
    this.#text = facts.text ?? (() => '');
    this.#nearMiss = nearMiss;
  }

  /** The value and the intended one, if the rule knows it. */
  get near(): NearMiss | undefined {
    const text = this.#text();
    const meant = this.#nearMiss?.(text);
    return meant === undefined ? undefined : { written: text.trim(), meant };
  }

  /** Length and kind of the value, such as `a 15-character value with an @`. */
  get shape(): string {
    return shapeOf(this.#text());
  }

  /** The JSON type of the value, by its first character. */
  get kind(): string {
    return getOwn(kinds, this.#text().charAt(0)) ?? 'a number';
  }

  /** True if the value has a space other than U+0020, or a character without a width, perhaps as a JSON escape. */
  get hasHidden(): boolean {
    return hidden.test(this.#text());
  }
}

const hidden =
  /[^ \S]|[\u00ad\u200b\u200e\u200f\u2060-\u206f]|\\u(?:00a[0d]|1680|20(?:0[0-9abef]|2[89a-f]|5f|6.)|3000|feff)/i;

const kinds: Readonly<Record<string, string>> = {
  '"': 'a string',
  '{': 'an object',
  '[': 'an array',
  t: 'true',
  f: 'false',
  n: 'null',
};

/** The kinds of values; the first matching pattern counts. */
const shapes: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/@/, ' with an @'],
  [/^[+-]?\d+$/, ' of digits'],
  [/^[+-]?[\d.,]+$/, ' of digits and separators'],
  [/^[+\d\s().\-/]+$/, ' of digits and separators'],
  [/^\p{L}+$/u, ' of letters'],
  [/\s/, ' with spaces'],
  [/\d/, ' with digits'],
];

function shapeOf(text: string): string {
  if (text === '') return 'an empty value';
  const length = Array.from(text.slice(0, 10_000)).length;
  const count = text.length > 10_000 ? 'very long' : `${length}-character`;
  const article = /^(?:8|11-|18-)/.test(count) ? 'an' : 'a';
  return `${article} ${count} value${shapes.find(([pattern]) => pattern.test(text))?.[1] ?? ''}`;
}

/** A text of a file that may be shown, such as a column name: control characters are made visible, and long texts are truncated. */
export function legible(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return short.replace(/[\0-\x1f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)));
}

/** A count with its noun: `1 cell`, `2 cells`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}

/** True if a line contains a supported name: only then are its cells names, and not row content. */
export function isKnownHeader(columns: readonly { readonly known: boolean }[]): boolean {
  return columns.some(({ known }) => known);
}

/**
 * True if a name has an at sign, also one that is encoded or written out, or seven digits or more as a phone number
 * has: a lost line break puts a row behind the header.
 */
export function looksLikeAddress(name: string): boolean {
  return (
    /[@\uff20\ufe6b]|%(?:25)*40|[([{]at[)\]}]|\p{Nd}(?:[\s./()-]{0,3}\p{Nd}){6}/iu.test(name) ||
    /\sat\s+[^\s.]+\.\p{L}/iu.test(name)
  );
}

/** The name of a header column in messages. It is row content unless the line is recognized as a header. */
export function subjectOfColumn(name: string, index: number, isHeader: boolean): string {
  return isHeader && !looksLikeAddress(name) ? legible(name) : `Column ${index + 1}`;
}
