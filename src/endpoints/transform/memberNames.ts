import { attributeOf } from '../model/attributes.ts';

/** What values an attribute takes. */
type ValueType = 'string' | 'number' | 'strings';

/** A dotted path and what is known of it. */
export interface Name {
  readonly path: string;
  /** `unknown`: Pinpoint knows no such attribute. `responseOnly`: exports hold it, imports do not read it. */
  readonly standing: 'supported' | 'responseOnly' | 'unknown';
  readonly type: ValueType;
}

/** What a dotted path names; an unknown one is taken for a text. */
export function nameOf(path: string): Name {
  const attribute = attributeOf(path);
  if (attribute === undefined) return { path, standing: 'unknown', type: 'string' };
  const standing = attribute.format === 'responseOnly' ? 'responseOnly' : 'supported';
  return { path, standing, type: attribute.type };
}

/**
 * The members by which JSON nests a path. The first dot parts an object from its member, and in `User.UserAttributes`
 * the second one, too; dots behind those belong to a custom name.
 */
export function membersOf(path: string): readonly string[] {
  const custom = 'User.UserAttributes.';
  if (path.startsWith(custom)) return ['User', 'UserAttributes', path.slice(custom.length)];
  const dot = path.indexOf('.');
  return dot < 0 ? [path] : [path.slice(0, dot), path.slice(dot + 1)];
}

/** Sets the value that a path names, and makes the objects around it. */
export function putMember(root: Record<string, unknown>, path: string, value: unknown): void {
  const members = membersOf(path);
  let at = root;
  for (const member of members.slice(0, -1)) at = (at[member] ??= {}) as Record<string, unknown>;
  // Unlike an assignment this takes any name, `__proto__` too.
  Object.defineProperty(at, members.at(-1)!, { value, enumerable: true, writable: true, configurable: true });
}

/** Objects whose members are attributes, or objects again, by the dotted path of the object. */
export function holdsMembers(path: string): boolean {
  return !path.includes('.') || path === 'User.UserAttributes';
}

/** A text of its own: what is cut out of a line keeps all of the line in memory. */
export function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** A CSV file for Pinpoint has 21 columns and 250 custom ones of 50 values each at most: with more it is no endpoint file. */
export const maxColumns = 13_000;

/** Longer numbers are left in the form they have: another one takes time that grows with the square of their length. */
export const maxNumberLength = 400;

const maxNames = 20_000;

/** Names of members, looked up by the object's path and the key, so that a path is put together once a file and not once a value. */
export class NameTable {
  readonly #byPrefix = new Map<string, Map<string, Name>>();
  #size = 0;

  /** `prefix`: the path of the object with its dot, or nothing. */
  get(prefix: string, key: string): Name {
    let names = this.#byPrefix.get(prefix);
    if (names === undefined) {
      names = new Map<string, Name>();
      this.#byPrefix.set(prefix, names);
    }
    let name = names.get(key);
    if (name === undefined) {
      if (++this.#size > maxNames) this.#clear();
      const own = detached(key);
      name = nameOf(prefix + own);
      names.set(own, name);
    }
    return name;
  }

  #clear(): void {
    for (const names of this.#byPrefix.values()) names.clear();
    this.#size = 0;
  }
}
