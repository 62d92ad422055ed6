import { ledgerHeaderBytes, regionBytes, type Room } from '../engine/host/engineInstance.ts';
import { SharedState } from './sharedState.ts';

const pageBytes = 65_536;
const maxPages = 65_536;
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
  /** Where what is kept of all records begins: memory grows with it. */
  readonly ledgerStart: number;
}

let arenas = 0;

/** Reserves memory. What is not touched costs nothing. */
export function createArena(room: Room, workerCount: number, isReused = false): Arena {
  const regionStart = (stateStart + SharedState.bytes + 4095) & ~4095;
  const bytes = regionBytes(room);
  const ledgerStart = regionStart + workerCount * bytes;
  const pages = Math.ceil((ledgerStart + ledgerHeaderBytes(workerCount)) / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: maxPages, shared: true });
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
  };
}
