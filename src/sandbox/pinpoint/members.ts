import fs from 'node:fs';
import path from 'node:path';
import { rm } from '../../fileOperations.ts';
import type { Entry } from './endpointLog.ts';
import { EndpointLog } from './endpointLog.ts';
import { writeAll } from '../storage/stateJournal.ts';
import { lineBatches } from './splitLines.ts';
import type { Endpoint } from './types.ts';
import { privateFile, privateFolder } from '../../permissions.ts';
import { getOwn, setOwn } from '../../ownMember.ts';

const idsFile = 'ids.jsonl';
const definitionsFile = 'definitions.log';
/** Definitions that are kept in memory until they are written. */
const maxUnsaved = 512;
const bufferedIds = 4096;

/** One bit per endpoint of an app, by number. */
class NumberSet {
  #bits = new Uint8Array(1024);

  has(number: number): boolean {
    return ((this.#bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  add(number: number): void {
    const at = number >> 3;
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(2 * at);
      larger.set(this.#bits);
      this.#bits = larger;
    }
    this.#bits[at]! |= 1 << (number & 7);
  }
}

/**
 * Collects the members of an imported segment in a folder of its own: Ids of the app's endpoints, and definitions that were
 * imported without being registered. Each is stored once. Nothing refers to the folder until it is complete.
 */
export class MembersWriter {
  readonly #log: EndpointLog;
  readonly #ids: number;
  readonly #channelCounts: Record<string, number> = {};
  readonly #listed = new NumberSet();
  readonly #definitions: EndpointLog;
  #waiting: string[] = [];
  #unsaved = 0;
  #isClosed = false;

  private constructor(log: EndpointLog, ids: number, definitions: EndpointLog) {
    this.#log = log;
    this.#ids = ids;
    this.#definitions = definitions;
  }

  /** Starts with no members; deletes earlier content of the folder. */
  static async begin(dir: string, log: EndpointLog): Promise<MembersWriter> {
    await rm(dir, { recursive: true, force: true });
    await fs.promises.mkdir(dir, { recursive: true, mode: privateFolder });
    const definitions = await EndpointLog.open(path.join(dir, definitionsFile));
    return new MembersWriter(log, fs.openSync(path.join(dir, idsFile), 'w', privateFile), definitions);
  }

  /** Copies the members of an earlier version. */
  async addAll(dir: string): Promise<void> {
    for await (const lines of memberLines(dir, this.#log)) {
      for (const line of lines) {
        const endpoint = JSON.parse(line.toString('utf8')) as Endpoint;
        const entry = this.#log.find(endpoint.Id);
        if (entry !== undefined) this.add(entry);
        else this.define(endpoint);
      }
    }
  }

  /** Adds an endpoint of the app. */
  add({ number, endpoint }: Entry): void {
    if (this.#listed.has(number)) return;
    this.#listed.add(number);
    this.#count(endpoint, 1);
    this.#waiting.push(JSON.stringify(endpoint.Id));
    if (this.#waiting.length >= bufferedIds) this.#flushIds();
  }

  /** Adds a definition that isn't an endpoint of the app, or replaces the one with the same Id. */
  define(endpoint: Endpoint): void {
    const before = this.#definitions.get(endpoint.Id);
    if (before !== undefined) this.#count(before, -1);
    this.#count(endpoint, 1);
    this.#definitions.put(endpoint);
    this.#unsaved += 1;
    if (this.#unsaved < maxUnsaved) return;
    this.#definitions.flush();
    this.#unsaved = 0;
  }

  /** A definition that was added earlier. */
  definition(id: string): Endpoint | undefined {
    return this.#definitions.get(id);
  }

  /** Writes and closes the files. @returns the number of members per channel */
  finish(): Record<string, number> {
    this.#flushIds();
    this.#definitions.flush();
    this.#close();
    return Object.fromEntries(Object.entries(this.#channelCounts).filter(([, count]) => count > 0));
  }

  /** Closes the files without writing the rest, unless `finish` did. */
  abandon(): void {
    this.#definitions.revert();
    this.#close();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    fs.closeSync(this.#ids);
    this.#definitions.close();
  }

  #count({ ChannelType }: Endpoint, by: number): void {
    if (ChannelType === undefined) return;
    setOwn(this.#channelCounts, ChannelType, (getOwn(this.#channelCounts, ChannelType) ?? 0) + by);
  }

  #flushIds(): void {
    if (this.#waiting.length === 0) return;
    writeAll(this.#ids, Buffer.from(`${this.#waiting.join('\n')}\n`));
    this.#waiting = [];
  }
}

/** The members of an imported segment as lines of an export, in batches, without endpoints deleted since. */
export async function* memberLines(dir: string, log: EndpointLog): AsyncGenerator<Buffer[]> {
  for await (const ids of lineBatches(
    fs.createReadStream(path.join(dir, idsFile), { highWaterMark: 16 * 1024 }),
  )) {
    const endpoints = [...ids].map((id) => log.get(JSON.parse(id.toString('utf8')) as string));
    yield endpoints
      .filter((endpoint) => endpoint !== undefined)
      .map((endpoint) => Buffer.from(JSON.stringify(endpoint)));
  }
  const definitions = await EndpointLog.open(path.join(dir, definitionsFile));
  try {
    yield* definitions.lines();
  } finally {
    definitions.close();
  }
}

/** Whether endpoints of the app are members, by Id. */
export async function memberTest(dir: string, log: EndpointLog): Promise<(id: string) => boolean> {
  const numbers = new NumberSet();
  for await (const ids of lineBatches(
    fs.createReadStream(path.join(dir, idsFile), { highWaterMark: 16 * 1024 }),
  )) {
    for (const id of ids) {
      const number = log.numberOf(JSON.parse(id.toString('utf8')) as string);
      if (number !== undefined) numbers.add(number);
    }
  }
  return (id) => {
    const number = log.numberOf(id);
    return number !== undefined && numbers.has(number);
  };
}
