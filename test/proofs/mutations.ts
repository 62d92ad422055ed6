import type { FileType } from '../../src/endpoints/model/fileType.ts';
import { seeded } from '../support/random.ts';
import type { Random } from '../support/random.ts';
import { defects } from './defects.ts';

/** Bytes and runs of bytes that readers stumble over. */
const nasty: readonly (readonly number[])[] = [
  ...[
    '"',
    '""',
    ',',
    ';',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    '\t',
    ' ',
    '\\',
    '\\u',
    '\\ud83d',
    '{',
    '}',
    '[',
    ']',
    '[[[[',
    ':',
    '0',
    '-',
    '1e999',
    'null',
    'true',
    '\u0000',
    '\uFEFF',
    '\u2028',
    '😀',
    '"\n"',
    '"\n,',
    '","',
    '{"User":{',
    '"User":{},',
  ].map((text) => [...Buffer.from(text)]),
  [0xff],
  [0xc0, 0x80],
  [0xe2, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x9f],
  [0x1f, 0x8b],
  [0xff, 0xfe],
];

interface Mutation {
  readonly type: FileType;
  readonly bytes: Uint8Array;
}

/** A file of the corpus of generated files, right or with a defect, with some of its bytes changed. */
export function mutation(seed: number): Mutation {
  const random = seeded(seed);
  const defect = random.pick(defects);
  const type = random.pick(defect.types);
  const { right, wrong } = defect.make(random, type);
  let bytes = Buffer.from(random.chance(0.5) ? right : wrong);
  for (let change = 1 + random.int(4); change > 0; change--) bytes = changed(random, bytes);
  // A file that is read as the other type.
  return { type: random.chance(0.05) ? random.pick(['csv', 'ndjson'] as const) : type, bytes };
}

function changed(random: Random, bytes: Buffer): Buffer<ArrayBuffer> {
  const at = random.int(bytes.length + 1);
  const length = random.chance(0.8) ? random.int(8) : random.int(bytes.length + 1);
  const [before, part, behind] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + length),
    bytes.subarray(at + length),
  ];
  const ways: (() => Uint8Array[])[] = [
    () => [before, behind],
    () => [before, part, part, behind],
    () => [before, Uint8Array.from(random.pick(nasty)), bytes.subarray(at)],
    () => [before, Uint8Array.from(random.pick(nasty)), bytes.subarray(at + 1)],
    () => [before, Uint8Array.from({ length: 1 + random.int(4) }, () => random.int(256)), behind],
    () => [before],
    () => [behind],
    () => [behind, part, before],
    () => Array.from({ length: 2 + random.int(30) }, () => part),
  ];
  return Buffer.concat(random.pick(ways)());
}
