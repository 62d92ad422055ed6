import { ledgerHeaderBytes, regionBytes, type Room } from '../engine/host/engineInstance.ts';
import { SharedState } from './sharedState.ts';

const pageBytes = 65_536;
const maxPages = 65_536;
/** The start of memory is reserved for the engine's compiler. */
const stateStart = 1024;

/** The memory for validating one file: what its workers share, a region per worker, and the facts of all records. */
export interface Arena {
  readonly id: number;
  /** True if it is reused for another file. */
  readonly isReused: boolean;
  readonly memory: WebAssembly.Memory;
  readonly stateStart: number;
  readonly room: Room;
  readonly regionStart: number;
  readonly regionBytes: number;
  readonly workerCount: number;
  /** The start of the facts of all records; memory grows with them. */
  readonly ledgerStart: number;
}

let arenas = 0;

/** Reserves memory; untouched pages cost nothing. */
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
