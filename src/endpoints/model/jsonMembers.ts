import { attributes, meantAttribute, nearestPath, responseOnly, type Attribute } from './attributes.ts';

/** The objects that the JSON of an endpoint has. */
export interface Scope {
  /** Dotted path with a dot at its end; empty for the endpoint itself. */
  readonly prefix: string;
  readonly parent: number;
  /** The custom attributes that it holds, where it does. */
  readonly family: Attribute | undefined;
  /** Numbers of the objects in it, by name. */
  readonly scopes: ReadonlyMap<string, number>;
  /** Attributes in it that have one value, by name. */
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

/** What a name in an object stands for. */
export interface Member {
  /** The object that it opens, or -1. */
  readonly scope: number;
  readonly attribute: Attribute | undefined;
  /** False where the name is not supported as it is written; then the rest says what was most likely meant. */
  readonly known: boolean;
  /** What was most likely meant, where the name is not known: a dotted path. */
  readonly meant: string | undefined;
}

/** What a name in the scope of a number stands for. */
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
