import { masks, statistics } from './memory';
import { tables } from './distinctCounts';
import * as abi from './abi';

/*
 * Most texts of a file are short and occurred before. A shortcut leads from the bytes of a value to its entry in the table
 * of its attribute: it is found by a few bits of a simple hash and compared as a whole, so no other hash needs to be computed.
 */

/** Longer values have no shortcut. */
export const maxShortCut: u32 = 15;

/** Fills the masks for all lengths. */
export function fillMasks(): void {
  for (let length: usize = 0; length < 16; length++) {
    memory.fill(masks + (length << 4), 0xff, length);
    memory.fill(masks + (length << 4) + length, 0, 16 - length);
    memory.fill(masks + 256 + (length << 4), 0, 15);
    store<u8>(masks + 256 + (length << 4) + 15, <u8>length);
  }
}

export function shortCutsOf(at: usize): usize {
  const all = tables() + abi.tablesBytes + abi.registersBytes + abi.statisticPoolBytes;
  return all + ((at - statistics) / abi.statisticBytes) * abi.shortCutsBytes;
}

/** The bytes of a value of up to 15 bytes, padded with zeros, and its length. */
export function shortValue(start: usize, length: usize): v128 {
  const mask = masks + (length << 4);
  return v128.or(v128.and(v128.load(start), v128.load(mask)), v128.load(mask, 256));
}

/** The offset of the shortcut of a value among those of an attribute. */
export function shortCutFor(first: u64, last: u64): usize {
  return <usize>(((first ^ last) * 0x9e3779b97f4a7c15) >> (64 - abi.shortCutBits)) * abi.shortCutBytes;
}

/** Clears the shortcuts of an attribute, because its entries have moved or it has none yet. */
export function clearShortCuts(at: usize): void {
  memory.fill(shortCutsOf(at), 0, abi.shortCutsBytes);
}
