import { BadEndpoint, limits } from './endpointRules.ts';
import type { Documents } from './documentCollections.ts';
import type { EndpointRequest } from './types.ts';

/** Their collection in the journal; one document per app. */
export const namesCollection = 'attributeNames';

/** The attribute types in the path of RemoveAttributes. */
export const attributeTypes = [
  'endpoint-custom-attributes',
  'endpoint-metric-attributes',
  'endpoint-user-attributes',
] as const;

export type AttributeType = (typeof attributeTypes)[number];

type NewNames = readonly (readonly [AttributeType, string])[];

interface Family {
  readonly names: Set<string>;
  /** Names, or globs with `*`, that RemoveAttributes removed. */
  readonly removed: Set<string>;
}

type Stored = Record<AttributeType, { names: string[]; removed: string[] }>;

/**
 * The custom names that an app has ever used: at most 250 of all three types together, unless removed (Developer guide, quotas;
 * re:Post, pinpoint-additional-attributes).
 */
export class AttributeNames {
  readonly #documents: Documents;
  readonly #appId: string;
  #families: Record<AttributeType, Family>;
  #changed = false;

  constructor(documents: Documents, appId: string) {
    this.#documents = documents;
    this.#appId = appId;
    this.#families = this.#load();
  }

  /** The request without removed names, and its new ones. Throws `BadEndpoint` if these are too many. */
  admit(request: EndpointRequest): { readonly request: EndpointRequest; readonly newNames: NewNames } {
    const families = this.#families;
    const hasRemoved = attributeTypes.some((type) => families[type].removed.size > 0);
    const admitted = hasRemoved ? this.#without(request) : request;
    const newNames: [AttributeType, string][] = [];
    const find = (type: AttributeType, members: Readonly<Record<string, unknown>> | undefined): void => {
      const { names } = families[type];
      for (const name in members) if (!names.has(name)) newNames.push([type, name]);
    };
    find('endpoint-custom-attributes', admitted.Attributes);
    find('endpoint-metric-attributes', admitted.Metrics);
    find('endpoint-user-attributes', admitted.User?.UserAttributes);
    if (newNames.length > 0) {
      const used = attributeTypes.reduce((sum, type) => sum + families[type].names.size, 0);
      if (used + newNames.length > limits.attributesPerApp)
        throw new BadEndpoint('Too many custom attributes');
    }
    return { request: admitted, newNames };
  }

  /** Adds the names of an admitted request. Takes effect on disk with `save`. */
  record(newNames: NewNames): void {
    for (const [type, name] of newNames) {
      this.#families[type].names.add(name);
      this.#changed = true;
    }
  }

  save(): void {
    if (!this.#changed) return;
    const stored = Object.fromEntries(
      Object.entries(this.#families).map(([type, { names, removed }]) => [
        type,
        { names: [...names], removed: [...removed] },
      ]),
    );
    this.#documents.commit([[namesCollection, this.#appId, stored]]);
    this.#changed = false;
  }

  /** Discards unsaved changes. */
  revert(): void {
    if (this.#changed) this.#families = this.#load();
    this.#changed = false;
  }

  /**
   * Stops counting and storing these names; endpoints keep those that they have (API reference, Attributes).
   *
   * @returns the names that remain
   */
  remove(type: AttributeType, patterns: readonly string[]): readonly string[] {
    const { names, removed } = this.#families[type];
    for (const pattern of patterns) removed.add(pattern);
    const gone = matcher(patterns);
    for (const name of [...names]) if (gone(name)) names.delete(name);
    this.#changed = true;
    this.save();
    return [...names];
  }

  #without(request: EndpointRequest): EndpointRequest {
    const kept = <T>(type: AttributeType, members: Readonly<Record<string, T>>): Record<string, T> => {
      const gone = matcher([...this.#families[type].removed]);
      return Object.fromEntries(Object.entries(members).filter(([name]) => !gone(name)));
    };
    const { Attributes, Metrics, User } = request;
    return {
      ...request,
      ...(Attributes && { Attributes: kept('endpoint-custom-attributes', Attributes) }),
      ...(Metrics && { Metrics: kept('endpoint-metric-attributes', Metrics) }),
      ...(User?.UserAttributes && {
        User: { ...User, UserAttributes: kept('endpoint-user-attributes', User.UserAttributes) },
      }),
    };
  }

  #load(): Record<AttributeType, Family> {
    const stored = this.#documents.get(namesCollection, this.#appId) as Stored | undefined;
    const family = (type: AttributeType): Family => ({
      names: new Set(stored?.[type].names),
      removed: new Set(stored?.[type].removed),
    });
    return {
      'endpoint-custom-attributes': family('endpoint-custom-attributes'),
      'endpoint-metric-attributes': family('endpoint-metric-attributes'),
      'endpoint-user-attributes': family('endpoint-user-attributes'),
    };
  }
}

function matcher(patterns: readonly string[]): (name: string) => boolean {
  return (name) => patterns.some((pattern) => matchesStars(pattern, name));
}

/** True if a name matches a pattern with stars. Not by a regular expression: several stars would take it minutes. */
export function matchesStars(pattern: string, name: string): boolean {
  const [first = '', ...middle] = pattern.split('*');
  const last = middle.pop();
  if (last === undefined) return name === first;
  const end = name.length - last.length;
  if (!name.startsWith(first) || !name.endsWith(last) || end < first.length) return false;
  let at = first.length;
  for (const part of middle) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
}
