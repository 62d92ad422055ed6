import { inLine } from './place.ts';
import type { Place } from './place.ts';
import type { Random } from './random.ts';

/** A value before it is written; objects keep their members in order, and may have one twice. */
export type JsonNode = JsonRaw | JsonObject | JsonArray;

/** A string, number or literal as it is written. */
export interface JsonRaw {
  readonly raw: string;
}
export interface JsonObject {
  readonly members: readonly JsonMember[];
}
export interface JsonMember {
  readonly key: JsonRaw;
  readonly value: JsonNode;
}
interface JsonArray {
  readonly items: readonly JsonNode[];
}

/** A line, and where on it each node is written. */
interface WrittenLine {
  readonly text: string;
  /** From where (inclusive) to where (exclusive), in code units from 0. */
  readonly spans: ReadonlyMap<JsonNode, readonly [number, number]>;
}

/** Writes a value on one line; `blank` is asked for the blanks between two tokens. */
export function writeLine(node: JsonNode, blank: () => string): WrittenLine {
  const spans = new Map<JsonNode, readonly [number, number]>();
  let text = '';
  const put = (token: string): void => void (text += blank() + token);
  const list = <T>(items: readonly T[], write: (item: T) => void): void =>
    items.forEach((item, index) => {
      if (index > 0) put(',');
      write(item);
    });
  const write = (value: JsonNode): void => {
    text += blank();
    const start = text.length;
    if ('raw' in value) text += value.raw;
    else if ('items' in value) {
      text += '[';
      list(value.items, write);
      put(']');
    } else {
      text += '{';
      list(value.members, (member) => {
        write(member.key);
        put(':');
        write(member.value);
      });
      put('}');
    }
    spans.set(value, [start, text.length]);
  };
  write(node);
  return { text: text + blank(), spans };
}

/** Where a node is on a line. */
export function nodePlace(written: WrittenLine, line: number, node: JsonNode): Place {
  const [start, end] = written.spans.get(node)!;
  return inLine(line, start + 1, end - start);
}

const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const hex = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;

/** A string as JSON. Where `random` is given, some characters are escaped that need not be. */
export function jsonString(value: string, random?: Random): JsonRaw {
  if (random === undefined || random.chance(0.8)) return { raw: JSON.stringify(value) };
  let raw = '"';
  for (const character of value) {
    if (random.chance(0.7) && character !== '"' && character !== '\\' && character >= ' ') raw += character;
    else if (short[character] !== undefined && random.chance(0.7)) raw += short[character];
    else if (character === '/') raw += '\\/';
    else for (let unit = 0; unit < character.length; unit++) raw += hex(character.charCodeAt(unit));
  }
  return { raw: `${raw}"` };
}
