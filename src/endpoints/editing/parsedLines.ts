import { parseTree, type Node, type ParseError } from 'jsonc-parser';
import { isTooDeep } from '../model/jsonDepth.ts';
import type { FileType } from '../model/fileType.ts';

/** The lines of a text, or of a part of it with whole records. */
export interface Lines {
  readonly type: FileType;
  readonly count: number;
  /** A 0-based line without its line ending; `undefined` if it doesn't exist or can't be read. */
  line(index: number): string | undefined;
  /** The line ending. */
  readonly lineEnd: string;
}

/** A node of a line's JSON, and its dotted path. */
export interface PathNode {
  readonly node: Node;
  readonly path: string;
}

/** Lines that are read and parsed once for all fixes in them: one line can have a hundred thousand findings. */
export class ParsedLines implements Lines {
  readonly #lines: Lines;
  readonly #texts = new LastLines<string | undefined>(4);
  readonly #trees = new LastLines<Node | undefined>(1);
  readonly #columnNames = new LastLines<ReadonlySet<string>>(1);
  readonly #memberNames = new WeakMap<Node, ReadonlySet<string>>();

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  get type(): FileType {
    return this.#lines.type;
  }

  get count(): number {
    return this.#lines.count;
  }

  get lineEnd(): string {
    return this.#lines.lineEnd;
  }

  line(index: number): string | undefined {
    return this.#texts.get(index, () => this.#lines.line(index));
  }

  /** The names in a CSV header, split at any delimiter: splitting too much does no harm to a search for duplicates. */
  columnNames(index: number, nameOf: (cell: string) => string): ReadonlySet<string> {
    return this.#columnNames.get(
      index,
      () =>
        new Set(
          this.line(index)!
            .split(/[,;\t|]/)
            .map(nameOf),
        ),
    );
  }

  /** The node that starts at a 0-based character, or the innermost one around it; `undefined` if the line isn't valid JSON. */
  nodeAt(index: number, character: number): PathNode | undefined {
    const root = this.#trees.get(index, () => treeOf(this.line(index)!));
    if (root === undefined) return undefined;
    const names: string[] = [];
    for (let node = root; ;) {
      const inside = childAt(node, character);
      if (!inside) return { node, path: names.join('.') };
      if (inside.type === 'property') names.push(inside.children![0]!.value as string);
      node = inside;
      if (node.offset === character && node.type !== 'property') return { node, path: names.join('.') };
    }
  }

  /** The names of an object's members. */
  memberNames(object: Node): ReadonlySet<string> {
    let names = this.#memberNames.get(object);
    if (names === undefined) {
      names = new Set(object.children!.map(({ children }) => children![0]!.value as string));
      this.#memberNames.set(object, names);
    }
    return names;
  }
}

/** The index of the last child that starts at or before a character; -1 if there is none. */
export function childIndexAt({ children = [] }: Node, character: number): number {
  let from = 0;
  let to = children.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (children[middle]!.offset <= character) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}

function childAt(node: Node, character: number): Node | undefined {
  const child = node.children?.[childIndexAt(node, character)];
  return child && character < child.offset + child.length ? child : undefined;
}

function treeOf(json: string): Node | undefined {
  if (isTooDeep(json)) return undefined;
  const errors: ParseError[] = [];
  const root = parseTree(json, errors, { disallowComments: true });
  return errors.length > 0 ? undefined : root;
}

/** What was last derived from lines, by line. */
class LastLines<T> {
  readonly #size: number;
  readonly #values = new Map<number, T>();

  constructor(size: number) {
    this.#size = size;
  }

  get(index: number, make: () => T): T {
    if (this.#values.has(index)) return this.#values.get(index)!;
    if (this.#values.size === this.#size) this.#values.clear();
    const value = make();
    this.#values.set(index, value);
    return value;
  }
}
