import { attributeOf } from '../model/attributes.ts';

/** The type of an attribute's values. */
type ValueType = 'string' | 'number' | 'strings';

/** A dotted path and what is known of it. */
export interface Name {
  readonly path: string;
  /** `unknown`: not a Pinpoint attribute. `responseOnly`: in exports only; imports ignore it. */
  readonly status: 'supported' | 'responseOnly' | 'unknown';
  readonly type: ValueType;
}

/** Looks up a dotted path; unknown attributes count as text. */
export function nameOf(path: string): Name {
  const attribute = attributeOf(path);
  if (attribute === undefined) return { path, status: 'unknown', type: 'string' };
  const status = attribute.format === 'responseOnly' ? 'responseOnly' : 'supported';
  return { path, status, type: attribute.type };
}

/** A copy of the text: a slice of a line would keep the whole line in memory. */
export function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** Pinpoint allows 21 columns plus 250 custom ones with 50 values each; a file with more isn't an endpoint file. */
export const maxColumns = 13_000;

/** Longer numbers aren't normalized: that takes quadratic time. */
export const maxNumberLength = 400;

const maxNames = 20_000;

/** Member names by object path and key, so that a path is built once per file instead of once per value. */
export class NameTable {
  readonly #byPrefix = new Map<string, Map<string, Name>>();
  #size = 0;

  /** `prefix`: the object's path with its dot, or ''. */
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
