import { regionBytes, type Room } from '../engine/host/engineInstance.ts';
import { SharedState } from './sharedState.ts';

const pageBytes = 65_536;
/** What the engine's compiler may use at the beginning of memory. */
const stateStart = 1024;

/** The memory in which a file is judged: what its workers share, a region for each of them, and what is remembered of all records. */
export interface Arena {
  readonly id: number;
  /** True where it will be used for another file. */
  readonly isReused: boolean;
  readonly memory: WebAssembly.Memory;
  readonly stateStart: number;
  readonly room: Room;
  readonly regionStart: number;
  readonly regionBytes: number;
  readonly workerCount: number;
  readonly ledgerStart: number;
  readonly ledgerBytes: number;
}

let arenas = 0;

/** Reserves memory. What is not touched costs nothing. */
export function createArena(room: Room, workerCount: number, ledgerBytes: number, isReused = false): Arena {
  const regionStart = (stateStart + SharedState.bytes + 4095) & ~4095;
  const bytes = regionBytes(room);
  const ledgerStart = regionStart + workerCount * bytes;
  const pages = Math.ceil((ledgerStart + ledgerBytes) / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return {
    id: arenas++,
    isReused,
    memory,
    stateStart,
    room,
    regionStart,
    regionBytes: bytes,
    workerCount,
    ledgerStart,
    ledgerBytes,
  };
}

/** Bytes of memory that remembering so many values of each kind takes: 12 in a bucket of 64 bytes (10 of addresses), 98 % full. */
export function ledgerBytesFor(values: number): number {
  return Math.ceil(((64 / 12 + 64 / 10 + 64 / 12) / 0.98) * values) + 16_384;
}
