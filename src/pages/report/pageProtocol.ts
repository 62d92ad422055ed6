import { getOwn } from '../../ownMember.ts';
/*
 * Messages between the report's page and the extension. Both validate what they receive.
 */

/** A piece of the page: an element, or text. It contains no HTML, so nothing in a file can become markup. */
export type Piece = string | Element;

export interface Element {
  readonly tag: (typeof tags)[number];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly Piece[];
  /** What a click does. */
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

/** Allowed attributes: none that runs or loads anything. */
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

/** Actions on the page. Files and findings are identified by their index in the report. */
export type Action =
  | { readonly kind: 'open'; readonly file: number; readonly rule: number; readonly place: number }
  | { readonly kind: 'file'; readonly file: number }
  | { readonly kind: 'rule'; readonly code: string }
  | { readonly kind: 'export'; readonly format: 'markdown' | 'json' }
  | { readonly kind: 'again' }
  | { readonly kind: 'cancel' };

export type FromPage = Action | { readonly kind: 'ready' };

export type ToPage =
  /** What to show, and the state to keep for a reload of the window. */
  | { readonly kind: 'show'; readonly page: Element; readonly state: unknown }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number };

const numbers: Readonly<Record<string, readonly string[]>> = {
  open: ['file', 'rule', 'place'],
  file: ['file'],
};

/** A message from the page; `undefined` if it is invalid. */
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

/** A message to the page; `undefined` if it is invalid. */
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
