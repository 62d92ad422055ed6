import { attributes, meantAttribute, nearestPath, responseOnly, type Attribute } from './attributes.ts';

/** An object in the JSON of an endpoint. */
export interface Scope {
  /** Dotted path with a trailing dot; empty for the endpoint itself. */
  readonly prefix: string;
  readonly parent: number;
  /** The family of its custom attributes, if it has any. */
  readonly family: Attribute | undefined;
  /** Indices of its nested objects, by name. */
  readonly scopes: ReadonlyMap<string, number>;
  /** Its single-value attributes, by name. */
  readonly members: ReadonlyMap<string, Attribute>;
}

/** The endpoint is the first. Derived from the paths of the attributes. */
export const scopes: readonly Scope[] = buildScopes();

function buildScopes(): Scope[] {
  const prefixes = new Set(['']);
  for (const { path } of attributes) {
    const parts = path.split('.');
    for (let depth = 1; depth < parts.length; depth++) prefixes.add(`${parts.slice(0, depth).join('.')}.`);
  }
  const all = [...prefixes];
  const parentOf = (prefix: string): string =>
    prefix.slice(0, prefix.lastIndexOf('.', prefix.length - 2) + 1);
  return all.map((prefix) => ({
    prefix,
    parent: prefix === '' ? -1 : all.indexOf(parentOf(prefix)),
    family: attributes.find(({ path }) => path === `${prefix}*`),
    scopes: new Map(
      all
        .filter((other) => other !== '' && parentOf(other) === prefix)
        .map((other) => [other.slice(prefix.length, -1), all.indexOf(other)]),
    ),
    members: new Map(
      [...attributes, ...responseOnly]
        .filter(({ path }) => path.slice(0, path.lastIndexOf('.') + 1) === prefix && !path.endsWith('.*'))
        .map((attribute) => [attribute.path.slice(prefix.length), attribute]),
    ),
  }));
}

/** The meaning of a name in an object. */
export interface Member {
  /** The index of the object it contains, or -1. */
  readonly scope: number;
  readonly attribute: Attribute | undefined;
  /** False if the name isn't supported as written; the rest is then what was most likely meant. */
  readonly known: boolean;
  /** For unknown names, the dotted path that was most likely meant. */
  readonly meant: string | undefined;
}

/** Looks up a name in the scope with an index. */
export function memberOf(scope: number, name: string): Member {
  const { prefix, family, scopes: inner, members } = scopes[scope]!;
  const object = inner.get(name);
  if (object !== undefined) return { scope: object, attribute: undefined, known: true, meant: undefined };
  const attribute = members.get(name) ?? (name === '' ? undefined : family);
  if (attribute !== undefined) return { scope: -1, attribute, known: true, meant: undefined };
  for (const [other, number] of inner) {
    if (other.toLowerCase().replace(/s$/, '') !== name.toLowerCase().replace(/s$/, '')) continue;
    return { scope: number, attribute: undefined, known: false, meant: prefix + other };
  }
  const meant = meantAttribute(prefix + name);
  const isHere = meant !== undefined && members.get(meant.path.slice(prefix.length)) === meant;
  return {
    scope: -1,
    attribute: isHere ? meant : undefined,
    known: false,
    meant: nearestPath(prefix + name),
  };
}
