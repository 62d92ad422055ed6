import { badInput } from '../../errors.ts';
import { attributeOf, nearestPath } from '../model/attributes.ts';
import type { Endpoint, EndpointDefinition } from '../model/endpointDefinition.ts';
import { holdsMembers, putMember } from '../model/memberPaths.ts';

/** The update for an edited endpoint. */
export interface EndpointChange {
  /** Only the differences, as UpdateEndpoint takes them. */
  readonly request: EndpointDefinition;
  /** Dotted paths of the attributes to set, in the order of the document. */
  readonly set: readonly string[];
  /** Dotted paths of the custom attributes to remove, by an empty list of values. */
  readonly removed: readonly string[];
}

/** Set only by the service (API Reference, Endpoint: EndpointResponse). */
const fixed: ReadonlySet<string> = new Set(['Id', 'ApplicationId', 'CohortId', 'CreationDate']);

/**
 * Compares an endpoint with its edited version; `undefined` if they are the same.
 *
 * The SDK would drop unknown members, so they are rejected here. A multi-value attribute is removed with an empty list,
 * because AWS documents that new values replace all old ones. For single-value attributes (Address, Demographic, Location,
 * Metrics …) AWS documents no way, so removing them is rejected.
 * Throws `bad-input` that names the attribute, but no value.
 */
export function changeOf(before: Endpoint, after: unknown): EndpointChange | undefined {
  const was = flatten(before);
  const is = flatten(after);
  const set: string[] = [];
  const removed: string[] = [];
  const request = {};
  for (const [path, value] of is) {
    if (same(value, was.get(path))) continue;
    if (fixed.has(path)) {
      throw badInput(`${path} can't be changed`, 'The service sets it. Restore the previous value.');
    }
    checkValue(path, value);
    putMember(request, path, value);
    set.push(path);
  }
  for (const path of was.keys()) {
    if (is.has(path) || path === 'CohortId' || path === 'CreationDate' || path === 'ApplicationId') continue;
    if (attributeOf(path)?.type !== 'strings') {
      throw badInput(
        `${path} can't be removed`,
        'Amazon Pinpoint documents no way to do that. Change its value, or delete the endpoint and import it again.',
      );
    }
    putMember(request, path, []);
    removed.push(path);
  }
  return set.length + removed.length === 0 ? undefined : { request, set, removed };
}

/**
 * The base for edits that started from `began`, once the user has seen `now`. Keeps the new time and request of the last
 * change, because reverting them is never intended.
 */
export function seen(began: Endpoint, now: Endpoint): Endpoint {
  return { ...now, EffectiveDate: began.EffectiveDate, RequestId: began.RequestId };
}

/** Reads the text of an edited document. Throws `bad-input` with the parser's reason. */
export function parseDocument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's message quotes the document, which holds personal data.
    const place =
      error instanceof Error ? /position \d+|line \d+ column \d+/.exec(error.message)?.[0] : undefined;
    throw badInput(
      `The document isn't valid JSON${place === undefined ? '' : `, at ${place}`}`,
      'Fix it first.',
    );
  }
}

/** True for a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Values by dotted path; objects without members and `null` are absent. */
function flatten(value: unknown): ReadonlyMap<string, unknown> {
  if (!isObject(value)) throw badInput('An endpoint must be a JSON object', 'Put it between { and }.');
  const flat = new Map<string, unknown>();
  const walk = (members: Readonly<Record<string, unknown>>, prefix: string): void => {
    for (const [name, member] of Object.entries(members)) {
      const path = prefix + name;
      if (isObject(member) && holdsMembers(path)) walk(member, `${path}.`);
      else if (member !== null && member !== undefined) flat.set(path, member);
    }
  };
  walk(value, '');
  return flat;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function checkValue(path: string, value: unknown): void {
  const attribute = attributeOf(path);
  if (attribute === undefined) {
    const near = nearestPath(path);
    throw badInput(
      `Unknown attribute: ${path}`,
      near === undefined
        ? 'Put your own attributes into Attributes or User.UserAttributes.'
        : `Did you mean ${near}?`,
    );
  }
  const fits =
    attribute.type === 'strings'
      ? Array.isArray(value) && value.every((item) => typeof item === 'string')
      : typeof value === attribute.type;
  if (fits) return;
  const expected = { string: 'a string', number: 'a number', strings: 'a list of strings' }[attribute.type];
  throw badInput(
    `${path} must be ${expected}`,
    `For example: ${exampleOf(attribute.type, attribute.example)}`,
  );
}

function exampleOf(type: 'string' | 'number' | 'strings', example: string): string {
  return type === 'number' ? example : JSON.stringify(type === 'strings' ? [example] : example);
}
