import fs from 'node:fs';
import { rename } from '../../fileOperations.ts';
import { HashIndex, hashOf } from './hashIndex.ts';
import { lineBatches } from './splitLines.ts';
import type { Endpoint } from './types.ts';
import { privateFile } from '../../permissions.ts';

const pendingBytes = 1024 * 1024;
/** A power of two. */
const recentLines = 1024;
const windowBytes = 256 * 1024;
/** A file is rewritten on open if that frees at least this much and half of the file. */
const worthCompacting = 4 * 1024 * 1024;

/** A line of the log. */
type Line = Endpoint | { readonly Id: string; readonly Deleted: true };

/**
 * Endpoints on disk: an append-only file of JSON lines. The last line of an Id counts; `{"Id":…,"Deleted":true}` deletes the
 * endpoint. Exports write the same lines. Memory holds only an index, some 60 bytes per endpoint.
 *
 * All methods except `open` and `lines` are synchronous, so changes don't interleave. Changes survive SIGKILL once `flush` has
 * returned: call it before acknowledging. A last line without its line end was never acknowledged.
 */
export class EndpointLog {
  readonly #fd: number;
  /** By the endpoint's number. Numbers follow the order of creation; an Id keeps its number. */
  #offsets = new Float64Array(1024);
  #lengths = new Uint32Array(1024);
  #live = new Uint8Array(1024);
  #numbers = 0;
  #size = 0;
  #liveBytes = 0;
  readonly #ids = new HashIndex();
  readonly #users = new HashIndex();
  readonly #addresses = new HashIndex();
  /** Bytes in the file; later ones are in `#pending`. */
  #flushed = 0;
  readonly #pending = Buffer.allocUnsafe(pendingBytes);
  #pendingUsed = 0;
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
    const log = await EndpointLog.#load(file);
    const garbage = log.#flushed - log.#liveBytes;
    if (garbage < worthCompacting || garbage < log.#liveBytes) return log;
    const rewritten = await fs.promises.open(`${file}.new`, 'w', privateFile);
    try {
      for await (const lines of log.lines()) {
        await rewritten.writeFile(Buffer.concat(lines.flatMap((line) => [line, lineEnd])));
      }
      await rewritten.sync();
    } finally {
      await rewritten.close();
      log.close();
    }
    await rename(`${file}.new`, file);
    return EndpointLog.#load(file);
  }

  /** The number of endpoints. */
  get size(): number {
    return this.#size;
  }

  /** The number of an endpoint, constant while the log is open. */
  numberOf(id: string): number | undefined {
    return this.#numberFor(id.toLowerCase());
  }

  /** Ids aren't case-sensitive (API reference, Endpoint). */
  get(id: string): Endpoint | undefined {
    const number = this.#numberFor(id.toLowerCase());
    if (number === undefined || this.#live[number] === 0) return undefined;
    return this.#read(number) as Endpoint;
  }

  /** @param except the Id of an endpoint to leave out */
  ofUser(userId: string, except?: string): Endpoint[] {
    return this.#matching(this.#users, userId, (endpoint) => endpoint.User?.UserId, except);
  }

  /** @param except the Id of an endpoint to leave out */
  withAddress(address: string, except?: string): Endpoint[] {
    return this.#matching(this.#addresses, address, (endpoint) => endpoint.Address, except);
  }

  /** @param text the endpoint as JSON, if the caller has it */
  put(endpoint: Endpoint, text = JSON.stringify(endpoint)): void {
    this.#append(endpoint, text);
  }

  /** Deletes an endpoint, if it exists. */
  delete(id: string): void {
    const endpoint = this.get(id);
    if (endpoint === undefined) return;
    const line: Line = { Id: endpoint.Id, Deleted: true };
    this.#append(line, JSON.stringify(line));
  }

  flush(): void {
    const pending = this.#pending.subarray(0, this.#pendingUsed);
    for (let at = 0; at < pending.length;) at += fs.writeSync(this.#fd, pending, at);
    this.#flushed += pending.length;
    this.#pendingUsed = 0;
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
    this.flush();
    fs.closeSync(this.#fd);
  }

  static async #load(file: string): Promise<EndpointLog> {
    const whole = await wholeLines(file);
    const log = new EndpointLog(fs.openSync(file, 'a+', privateFile));
    if (whole === 0) return log;
    for await (const batch of lineBatches(fs.createReadStream(file, { highWaterMark: windowBytes }))) {
      for (const text of batch) {
        const line = JSON.parse(text.toString('utf8')) as Line;
        const offset = log.#flushed;
        log.#flushed += text.length + 1;
        // Lookups while loading only need bytes before `#flushed`.
        log.#index(line, offset, text.length);
      }
    }
    return log;
  }

  #append(line: Line, json: string): void {
    const bytes = Buffer.byteLength(json) + 1;
    if (this.#pendingUsed + bytes > this.#pending.length) this.flush();
    const offset = this.#flushed + this.#pendingUsed;
    this.#pending.write(json, this.#pendingUsed);
    this.#pendingUsed += bytes;
    this.#pending[this.#pendingUsed - 1] = 0x0a;
    this.#index(line, offset, bytes - 1);
  }

  #index(line: Line, offset: number, length: number): void {
    const key = line.Id.toLowerCase();
    const number = this.#numberFor(key) ?? this.#newNumber(key);
    if (this.#live[number] === 1) {
      this.#size -= 1;
      this.#liveBytes -= this.#lengths[number]! + 1;
    }
    this.#offsets[number] = offset;
    this.#lengths[number] = length;
    this.#users.remove(number);
    this.#addresses.remove(number);
    this.#recent[number % recentLines] = { number, line };
    this.#live[number] = 'Deleted' in line ? 0 : 1;
    if ('Deleted' in line) return;
    this.#size += 1;
    this.#liveBytes += length + 1;
    if (line.User?.UserId !== undefined) this.#users.add(hashOf(line.User.UserId), number);
    if (line.Address !== undefined) this.#addresses.add(hashOf(line.Address), number);
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
    except: string | undefined,
  ): Endpoint[] {
    const own = except === undefined ? undefined : this.numberOf(except);
    const found: { readonly number: number; readonly line: Line }[] = [];
    for (const number of index.find(hashOf(key))) {
      if (number !== own) found.push({ number, line: this.#read(number) });
    }
    if (found.length === 0) return [];
    return found
      .sort((one, other) => one.number - other.number)
      .map(({ line }) => line as Endpoint)
      .filter((endpoint) => of(endpoint) === key);
  }

  #read(number: number): Line {
    const recent = this.#recent[number % recentLines];
    if (recent?.number === number) return recent.line;
    const line = this.#parse(number);
    this.#recent[number % recentLines] = { number, line };
    return line;
  }

  #parse(number: number): Line {
    const offset = this.#offsets[number]!;
    const length = this.#lengths[number]!;
    if (offset >= this.#flushed) {
      const at = offset - this.#flushed;
      return JSON.parse(this.#pending.toString('utf8', at, at + length)) as Line;
    }
    const text = Buffer.allocUnsafe(length);
    for (let at = 0; at < length;) {
      const read = fs.readSync(this.#fd, text, at, length - at, offset + at);
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
