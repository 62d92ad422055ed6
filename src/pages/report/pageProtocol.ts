import { getOwn } from '../../ownMember.ts';
/*
 * What the report's page and the program around it say to each other. Both check what they hear.
 */

/** A piece of the page: an element, or text. There is no HTML in it, so nothing in a file can become a part of the page. */
export type Piece = string | Element;

export interface Element {
  readonly tag: (typeof tags)[number];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly Piece[];
  /** What a click on it asks for. */
  readonly action?: Action;
}

const tags = [
  'main',
  'section',
  'header',
  'h1',
  'h2',
  'h3',
  'p',
  'span',
  'strong',
  'button',
  'ul',
  'li',
  'details',
  'summary',
  'table',
  'caption',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
  'svg',
  'rect',
  'progress',
  'div',
  'code',
] as const;

/** Attributes that a piece may have: none that runs or loads anything. */
export const attributes: ReadonlySet<string> = new Set([
  'id',
  'class',
  'scope',
  'role',
  'aria-label',
  'aria-hidden',
  'aria-live',
  'aria-labelledby',
  'tabindex',
  'value',
  'max',
  'width',
  'height',
  'x',
  'y',
  'open',
  'title',
]);

/** What a person can ask for on the page. Files and findings are named by their place in the report. */
export type Action =
  | { readonly kind: 'open'; readonly file: number; readonly rule: number; readonly place: number }
  | { readonly kind: 'file'; readonly file: number }
  | { readonly kind: 'rule'; readonly code: string }
  | { readonly kind: 'export'; readonly format: 'markdown' | 'json' }
  | { readonly kind: 'again' }
  | { readonly kind: 'cancel' };

export type FromPage = Action | { readonly kind: 'ready' };

export type ToPage =
  /** What to show, and what to keep for when the window is loaded again. */
  | { readonly kind: 'show'; readonly page: Element; readonly state: unknown }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number };

const numbers: Readonly<Record<string, readonly string[]>> = {
  open: ['file', 'rule', 'place'],
  file: ['file'],
};

/** What the page says, if it is something that a page says. */
export function readFromPage(value: unknown): FromPage | undefined {
  if (!isObject(value)) return undefined;
  const { kind } = value;
  switch (kind) {
    case 'open':
    case 'file':
      return getOwn(numbers, kind)!.every((name) => isIndex(getOwn(value, name)))
        ? (value as unknown as FromPage)
        : undefined;
    case 'rule':
      return typeof value['code'] === 'string' ? { kind, code: value['code'] } : undefined;
    case 'export':
      return value['format'] === 'markdown' || value['format'] === 'json'
        ? { kind, format: value['format'] }
        : undefined;
    case 'again':
    case 'cancel':
    case 'ready':
      return { kind };
    default:
      return undefined;
  }
}

/** The same of what the page is told. */
export function readToPage(value: unknown): ToPage | undefined {
  if (!isObject(value)) return undefined;
  if (value['kind'] === 'show' && isElement(value['page'])) return value as unknown as ToPage;
  const isProgress =
    value['kind'] === 'progress' && Number.isFinite(value['done']) && Number.isFinite(value['total']);
  return isProgress ? (value as unknown as ToPage) : undefined;
}

function isElement(value: unknown): boolean {
  if (!isObject(value) || !(tags as readonly unknown[]).includes(value['tag'])) return false;
  const children: unknown = value['children'] ?? [];
  const given: unknown = value['attributes'] ?? {};
  return (
    Array.isArray(children) &&
    children.every((child) => typeof child === 'string' || isElement(child)) &&
    isObject(given) &&
    Object.entries(given).every(([name, text]) => attributes.has(name) && typeof text === 'string')
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isIndex(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}
