import * as abi from '../engine/abi.ts';
import type { Across } from '../engine/host/engineInstance.ts';

/** A value that records are compared by: where its facts are in those of its record, and its hash. */
interface Value {
  readonly at: number;
  readonly hash: readonly number[];
}

const valueOffsets = [abi.factId, abi.factAddress, abi.factUser] as const;
const hashWords = 4;
/** With more changed values, comparing everything takes no longer. */
const maxChanged = 8;

/**
 * True if the facts of all records repeat each other as they did before: the same values are there, or those that changed were
 * and are there only once. Where the values are in the text doesn't matter.
 */
export function repeatAsBefore(before: readonly Across[], now: readonly Across[]): boolean {
  if (before.length !== now.length) return false;
  const removed: Value[] = [];
  const added: Value[] = [];
  for (const [index, across] of now.entries()) {
    if (across === before[index]) continue;
    if (!addChanges(before[index]!.facts, across.facts, removed, added)) return false;
  }
  if (removed.length === 0) return true;
  return (
    now.every(({ facts }) => {
      const words = wordsOf(facts);
      return removed.every((value) => count(words, value) === 0);
    }) && added.every((value) => now.reduce((sum, { facts }) => sum + count(wordsOf(facts), value), 0) === 1)
  );
}

/** Lists the values that differ; false if there are many, or other records have values. */
function addChanges(before: Uint8Array, now: Uint8Array, removed: Value[], added: Value[]): boolean {
  if (before.length !== now.length) return false;
  const [words, others] = [wordsOf(before), wordsOf(now)];
  for (let fact = 0; fact < now.length; fact += abi.factBytes) {
    for (const at of valueOffsets) {
      const value = (fact + at) / 4;
      const isThere = words[value + abi.factEnd / 4] !== 0;
      if (isThere !== (others[value + abi.factEnd / 4] !== 0)) return false;
      if (!isThere || hasHash(words, value, hashAt(others, value))) continue;
      if (added.length === maxChanged) return false;
      removed.push({ at, hash: hashAt(words, value) });
      added.push({ at, hash: hashAt(others, value) });
    }
  }
  return true;
}

/** How often a value occurs. */
function count(words: Uint32Array, { at, hash }: Value): number {
  let found = 0;
  const first = hash[0];
  for (let value = (at + abi.factHash) / 4; value < words.length; value += abi.factBytes / 4) {
    if (words[value] === first && words[value + abi.factEnd / 4] !== 0 && hasHash(words, value, hash))
      found++;
  }
  return found;
}

function hashAt(words: Uint32Array, value: number): number[] {
  return Array.from(words.subarray(value, value + hashWords));
}

function hasHash(words: Uint32Array, value: number, hash: readonly number[]): boolean {
  return hash.every((word, index) => words[value + index] === word);
}

/** Results of `takeAcross` have their own buffers. */
function wordsOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}
