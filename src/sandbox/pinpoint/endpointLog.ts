import fs from 'node:fs';
import { rename, rm } from '../../fileOperations.ts';
import { HashIndex, hashOf } from './hashIndex.ts';
import { lineBatches } from './splitLines.ts';
import type { Endpoint } from './types.ts';
import { privateFile } from '../../permissions.ts';
import { isDiskError } from '../storage/diskErrors.ts';
import { writeAll } from '../storage/stateJournal.ts';

const bufferBytes = 1024 * 1024;
/** A power of two. */
const recentLines = 512;
const windowBytes = 256 * 1024;
/** A file is rewritten on open if that frees at least this much and half of the file. */
const worthCompacting = 4 * 1024 * 1024;

/** A line of the log. */
type Line = Endpoint | { readonly Id: string; readonly Deleted: true };

/** An endpoint with its number, which is constant while the log is open. Numbers follow the order of creation. */
export interface Entry {
  readonly number: number;
  readonly endpoint: Endpoint;
}

/**
 * Endpoints on disk: an append-only file of JSON lines. The last line of an Id counts; `{"Id":…,"Deleted":true}` deletes the
 * endpoint. Exports write the same lines. Memory holds only an index, some 60 bytes per endpoint, and the changes since the
 * last `flush`: an endpoint that changes several times in between, as its user's other endpoints are imported, is written once.
 *
 * All methods except `open` and `lines` are synchronous, so changes don't interleave. Changes survive SIGKILL once `flush` has
 * returned: call it before acknowledging. A last line without its line end was never acknowledged.
 */
export class EndpointLog {
  readonly #fd: number;
  /** By the endpoint's number. */
  #offsets = new Float64Array(1024);
  #lengths = new Uint32Array(1024);
  #live = new Uint8Array(1024);
  #numbers = 0;
  #size = 0;
  readonly #ids = new HashIndex();
  readonly #users = new HashIndex();
  readonly #addresses = new HashIndex();
  /** Bytes in the file. */
  #bytes = 0;
  /** Changes that aren't in the file yet, by number. */
  readonly #unsaved = new Map<number, Line>();
  readonly #buffer = Buffer.allocUnsafe(bufferBytes);
  /** True if a failed write may have left part of its lines at the end of the file. */
  #isTorn = false;
  /** The last key found: an endpoint that was read is often written next. */
  #lastKey: string | undefined;
  #lastNumber = 0;
  /** A cache by the lowest bits of the numbers: endpoints of one user are often close together. */
  readonly #recent: ({ readonly number: number; readonly line: Line } | undefined)[] = Array.from({
    length: recentLines,
  });

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens a log; creates the file if it doesn't exist. */
  static async open(file: string): Promise<EndpointLog> {
    const { log, liveBytes } = await EndpointLog.#load(file);
    const garbage = log.#bytes - liveBytes;
    if (garbage < worthCompacting || garbage < liveBytes) return log;
    try {
      const rewritten = await fs.promises.open(`${file}.new`, 'w', privateFile);
      try {
        for await (const lines of log.lines()) {
          await rewritten.writeFile(Buffer.concat(lines.flatMap((line) => [line, lineEnd])));
        }
        await rewritten.sync();
      } finally {
        await rewritten.close();
      }
    } catch (error) {
      if (!isDiskError(error)) throw error;
      await rm(`${file}.new`, { force: true });
      return log;
    }
    log.close();
    await rename(`${file}.new`, file);
    return (await EndpointLog.#load(file)).log;
  }

  /** The number of endpoints. */
  get size(): number {
    return this.#size;
  }

  /** The number of an endpoint, also of a deleted one. */
  numberOf(id: string): number | undefined {
    return this.#numberFor(id.toLowerCase());
  }

  /** Ids aren't case-sensitive (API reference, Endpoint). */
  find(id: string): Entry | undefined {
    const number = this.numberOf(id);
    if (number === undefined || this.#live[number] === 0) return undefined;
    return { number, endpoint: this.#read(number) as Endpoint };
  }

  get(id: string): Endpoint | undefined {
    return this.find(id)?.endpoint;
  }

  /** @param except the number of an endpoint to leave out */
  ofUser(userId: string, except?: number): Entry[] {
    return this.#matching(this.#users, userId, (endpoint) => endpoint.User?.UserId, except);
  }

  /** @param except the number of an endpoint to leave out */
  withAddress(address: string, except?: number): Entry[] {
    return this.#matching(this.#addresses, address, (endpoint) => endpoint.Address, except);
  }

  /** @returns the endpoint's number */
  put(endpoint: Endpoint): number {
    return this.#set(endpoint);
  }

  /** Deletes an endpoint, if it exists. */
  delete(id: string): void {
    const endpoint = this.get(id);
    if (endpoint !== undefined) this.#set({ Id: endpoint.Id, Deleted: true });
  }

  /** Writes all changes, or throws and reverts them. */
  flush(): void {
    if (this.#unsaved.size === 0) return;
    try {
      this.#write();
    } catch (error) {
      this.revert();
      this.#cutBack();
      throw error;
    }
  }

  /** Undoes all changes since the last `flush`. */
  revert(): void {
    const numbers = [...this.#unsaved.keys()];
    this.#unsaved.clear();
    this.#lastKey = undefined;
    for (const number of numbers) {
      this.#recent[number % recentLines] = undefined;
      if (this.#lengths[number] === 0) this.#forget(number);
      else this.#index(number, this.#read(number));
    }
  }

  /**
   * A snapshot of all endpoints as lines without line ends, in batches, in order of creation. Later changes don't show.
   */
  async *lines(): AsyncGenerator<Buffer[]> {
    this.flush();
    const count = this.#numbers;
    const offsets = this.#offsets.slice(0, count);
    const lengths = this.#lengths.slice(0, count);
    const live = this.#live.slice(0, count);
    let window: Buffer = Buffer.alloc(0);
    let windowAt = 0;
    let batch: Buffer[] = [];
    let batchBytes = 0;
    for (let number = 0; number < count; number++) {
      if (live[number] === 0) continue;
      const offset = offsets[number]!;
      const length = lengths[number]!;
      if (offset < windowAt || offset + length > windowAt + window.length) {
        // Consecutive lines are read together, others alone.
        const isNear = offset >= windowAt && offset <= windowAt + window.length + windowBytes;
        window = await this.#readWindow(offset, isNear ? Math.max(windowBytes, length) : length);
        windowAt = offset;
      }
      batch.push(window.subarray(offset - windowAt, offset - windowAt + length));
      batchBytes += length;
      if (batchBytes < windowBytes) continue;
      yield batch;
      batch = [];
      batchBytes = 0;
    }
    if (batch.length > 0) yield batch;
  }

  close(): void {
    try {
      this.flush();
    } finally {
      fs.closeSync(this.#fd);
    }
  }

  static async #load(file: string): Promise<{ log: EndpointLog; liveBytes: number }> {
    const whole = await wholeLines(file);
    const log = new EndpointLog(fs.openSync(file, 'a+', privateFile));
    let liveBytes = 0;
    if (whole === 0) return { log, liveBytes };
    for await (const batch of lineBatches(fs.createReadStream(file, { highWaterMark: windowBytes }))) {
      for (const text of batch) {
        const line = JSON.parse(text.toString('utf8')) as Line;
        const number = log.#numberOrNew(line.Id);
        if (log.#live[number] === 1) liveBytes -= log.#lengths[number]! + 1;
        if (!('Deleted' in line)) liveBytes += text.length + 1;
        log.#index(number, line);
        log.#offsets[number] = log.#bytes;
        log.#lengths[number] = text.length;
        log.#bytes += text.length + 1;
      }
    }
    return { log, liveBytes };
  }

  #set(line: Line): number {
    const number = this.#numberOrNew(line.Id);
    this.#index(number, line);
    this.#unsaved.set(number, line);
    return number;
  }

  /** Removes the lines of a failed write. If that fails, too, the next write tries again. */
  #cutBack(): void {
    try {
      fs.ftruncateSync(this.#fd, this.#bytes);
      this.#isTorn = false;
    } catch (error) {
      if (!isDiskError(error)) throw error;
    }
  }

  #write(): void {
    if (this.#isTorn) fs.ftruncateSync(this.#fd, this.#bytes);
    this.#isTorn = true;
    let used = 0;
    const writeOut = (): void => {
      writeAll(this.#fd, this.#buffer.subarray(0, used));
      used = 0;
    };
    let end = this.#bytes;
    const places: { readonly number: number; readonly offset: number; readonly length: number }[] = [];
    for (const [number, line] of this.#unsaved) {
      const json = JSON.stringify(line);
      const maxBytes = 3 * json.length + 1;
      if (used + maxBytes > bufferBytes) writeOut();
      let length: number;
      if (maxBytes > bufferBytes) {
        const bytes = Buffer.from(`${json}\n`);
        writeAll(this.#fd, bytes);
        length = bytes.length - 1;
      } else {
        length = this.#buffer.write(json, used);
        used += length + 1;
        this.#buffer[used - 1] = 0x0a;
      }
      places.push({ number, offset: end, length });
      end += length + 1;
    }
    writeOut();
    for (const { number, offset, length } of places) {
      this.#offsets[number] = offset;
      this.#lengths[number] = length;
    }
    this.#bytes = end;
    this.#isTorn = false;
    this.#unsaved.clear();
  }

  #index(number: number, line: Line): void {
    this.#size -= this.#live[number]!;
    this.#users.remove(number);
    this.#addresses.remove(number);
    this.#recent[number % recentLines] = { number, line };
    this.#live[number] = 'Deleted' in line ? 0 : 1;
    if ('Deleted' in line) return;
    this.#size += 1;
    if (line.User?.UserId !== undefined) this.#users.add(hashOf(line.User.UserId), number);
    if (line.Address !== undefined) this.#addresses.add(hashOf(line.Address), number);
  }

  /** Removes an endpoint that isn't in the file. Its number isn't used again. */
  #forget(number: number): void {
    this.#size -= this.#live[number]!;
    this.#live[number] = 0;
    for (const index of [this.#ids, this.#users, this.#addresses]) index.remove(number);
  }

  #numberOrNew(id: string): number {
    const key = id.toLowerCase();
    return this.#numberFor(key) ?? this.#newNumber(key);
  }

  #newNumber(key: string): number {
    const number = this.#numbers++;
    if (number >= this.#live.length) {
      this.#offsets = grown(this.#offsets, new Float64Array(2 * number));
      this.#lengths = grown(this.#lengths, new Uint32Array(2 * number));
      this.#live = grown(this.#live, new Uint8Array(2 * number));
    }
    this.#ids.add(hashOf(key), number);
    this.#lastKey = key;
    this.#lastNumber = number;
    return number;
  }

  #numberFor(key: string): number | undefined {
    if (key === this.#lastKey) return this.#lastNumber;
    for (const number of this.#ids.find(hashOf(key))) {
      if (this.#read(number).Id.toLowerCase() !== key) continue;
      this.#lastKey = key;
      this.#lastNumber = number;
      return number;
    }
    return undefined;
  }

  #matching(
    index: HashIndex,
    key: string,
    of: (endpoint: Endpoint) => string | undefined,
    except: number | undefined,
  ): Entry[] {
    const found: Entry[] = [];
    for (const number of index.find(hashOf(key))) {
      if (number === except) continue;
      const endpoint = this.#read(number) as Endpoint;
      if (of(endpoint) === key) found.push({ number, endpoint });
    }
    return found.length < 2 ? found : found.sort((one, other) => one.number - other.number);
  }

  #read(number: number): Line {
    const recent = this.#recent[number % recentLines];
    if (recent?.number === number) return recent.line;
    const line = this.#unsaved.get(number) ?? this.#parse(number);
    this.#recent[number % recentLines] = { number, line };
    return line;
  }

  #parse(number: number): Line {
    const length = this.#lengths[number]!;
    const text = Buffer.allocUnsafe(length);
    for (let at = 0; at < length;) {
      const read = fs.readSync(this.#fd, text, at, length - at, this.#offsets[number]! + at);
      if (read === 0) throw new Error('The endpoint log is shorter than it was');
      at += read;
    }
    return JSON.parse(text.toString('utf8')) as Line;
  }

  #readWindow(offset: number, length: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      fs.read(this.#fd, Buffer.allocUnsafe(length), 0, length, offset, (error, read, buffer) => {
        if (error) reject(error);
        else resolve(buffer.subarray(0, read));
      });
    });
  }
}

const lineEnd = Buffer.from('\n');

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Truncates the file after its last line end; resolves with its size. */
async function wholeLines(file: string): Promise<number> {
  const handle = await fs.promises.open(file, 'a+', privateFile);
  try {
    const { size } = await handle.stat();
    const tail = Buffer.allocUnsafe(64 * 1024);
    let end = size;
    while (end > 0) {
      const length = Math.min(tail.length, end);
      await handle.read(tail, 0, length, end - length);
      const last = tail.subarray(0, length).lastIndexOf(0x0a);
      if (last >= 0) {
        end = end - length + last + 1;
        break;
      }
      end -= length;
    }
    if (end < size) await fs.promises.truncate(file, end);
    return end;
  } finally {
    await handle.close();
  }
}
