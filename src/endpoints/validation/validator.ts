import { randomBytes } from 'node:crypto';
import { closeSync, read, type BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { AudienceError, cancelled, throwIfCancelled } from '../../errors.ts';
import { fileError } from '../../fileErrors.ts';
import { fileStamp } from '../../fileIdentity.ts';
import { openRegularDescriptor } from '../../regularFile.ts';
import { createArena, type Arena } from './sharedMemory.ts';
import { WorkerPool, type WorkerLease } from './workerPool.ts';
import { columnsAtMost } from '../model/csvHeader.ts';
import { maxHeaderBytes } from './fileValidator.ts';
import type { Finding, ValidateOptions, ValidationResult, Validator } from '../rules/finding.ts';
import { fileTypeOf, type FileType } from '../model/fileType.ts';
import { severities } from './findingList.ts';
import type { Failure, FromWorker, Job } from './workerProtocol.ts';
import { addUp } from '../report/profile.ts';
import { ruleCodes, type RuleCode } from '../rules/ruleTable.ts';
import { SharedState } from './sharedState.ts';
import { endSpill, openSpill, removeStaleSpills } from './spill.ts';
import { hashKeyBytes } from '../engine/abi.ts';
import type { Counts } from '../engine/host/statisticsReader.ts';
import { roomFor } from './chunks.ts';

const readDescriptor = promisify(read);

export interface ValidatorOptions {
  /** The worker's code: `src/endpoints/validation/worker.ts` or its bundle. */
  readonly workerFile: string | URL;
  /** Maximum number of workers; default: one per core, up to four. */
  readonly threads?: number | undefined;
  /** Bytes per chunk. */
  readonly chunkBytes?: number | undefined;
  /**
   * Maximum bytes of memory for comparing the records of one file; default: an eighth of the machine's. Can change between
   * files.
   */
  readonly memoryBytes?: (() => number | undefined) | undefined;
  /** Whether the rest may go to a temporary file; default true. */
  readonly spill?: (() => boolean) | undefined;
}

const defaults = {
  maxIssues: 1000,
  maxIssuesPerCode: 200,
  chunkBytes: 512 * 1024,
} as const;

/** Bytes read before the workers start. */
const headBytes = 64 * 1024;
/** Blocks of a stream in transit to the worker at the same time. */
const blocksAhead = 4;
const progressTime = 100;
/** Milliseconds for which memory of large files is kept for the next one. */
const idleTime = 30_000;

/** Creates a validator. Its workers start when first needed and don't keep the process alive. */
export function createValidator(options: ValidatorOptions): Validator {
  const threads = Math.max(1, options.threads ?? Math.min(4, availableParallelism()));
  const context: Context = {
    pool: new WorkerPool(options.workerFile, threads),
    chunkBytes: options.chunkBytes ?? defaults.chunkBytes,
    memoryBytes: () => options.memoryBytes?.() ?? defaultMemory(),
    spill: options.spill ?? (() => true),
    idleArenas: [],
    largeArena: new IdleArena(),
  };
  let sweeping: Promise<void> | undefined;
  // Temporary files of killed processes are removed during the first check.
  const withSweep = async (check: Promise<ValidationResult>): Promise<ValidationResult> => {
    sweeping ??= removeStaleSpills();
    const [result] = await Promise.all([check, sweeping]);
    return result;
  };
  return {
    file: (path, options = {}) => withSweep(validateFile(context, path, options)),
    stream: (source, options) => withSweep(validateStream(context, source, options)),
    dispose: async () => {
      await Promise.all([context.pool.dispose(), sweeping]);
    },
  };
}

/** Dependencies of a validator. */
interface Context {
  readonly pool: WorkerPool;
  readonly chunkBytes: number;
  readonly memoryBytes: () => number;
  readonly spill: () => boolean;
  /** Memory of small files, for reuse. */
  readonly idleArenas: Arena[];
  readonly largeArena: IdleArena;
}

/**
 * Memory of large files, kept for a while for the next one: dropped memory is freed only by a garbage collection that doesn't
 * see its size, so memory would grow from file to file.
 */
class IdleArena {
  #arena: Arena | undefined;
  #timer: NodeJS.Timeout | undefined;

  take(): Arena | undefined {
    clearTimeout(this.#timer);
    const arena = this.#arena;
    this.#arena = undefined;
    return arena;
  }

  give(arena: Arena): void {
    clearTimeout(this.#timer);
    this.#arena = arena;
    this.#timer = setTimeout(() => (this.#arena = undefined), idleTime);
    this.#timer.unref();
  }
}

async function validateFile(
  context: Context,
  path: string,
  options: ValidateOptions,
): Promise<ValidationResult> {
  const { pool, chunkBytes } = context;
  throwIfCancelled(options.signal);
  const type = options.type ?? fileTypeOf(path);
  const before = await statOf(path);
  const size = Number(before.size);
  const workerCount = Math.min(pool.size, Math.max(1, Math.ceil(size / (2 * chunkBytes))));
  const file = await openFile(path, before);
  let run: Run;
  try {
    const head = await headOf(file, path, size, type);
    throwIfCancelled(options.signal);
    run = new Run(context, type, options, head, head.length === size, size, workerCount);
  } catch (error) {
    file.close();
    throw error;
  }
  await run.untilDone((settle) => validateTogether(pool, workerCount, file, path, run, settle));
  const after = await statOf(path).catch(() => undefined);
  if (after === undefined || fileStamp(before) !== fileStamp(after)) throw changed(path);
  return run.result(size);
}

/** An open file. Its descriptor is valid in all threads; this thread closes it, because workers can exit at any time. */
interface OpenFile {
  readonly descriptor: number;
  readonly close: () => void;
}

async function openFile(path: string, stats: BigIntStats): Promise<OpenFile> {
  try {
    const descriptor = await openRegularDescriptor(path, stats);
    let isOpen = true;
    const close = (): void => {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    };
    return { descriptor, close };
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

/**
 * Validates a file with up to `workerCount` workers, and closes it after the last one. The returned function cancels pending
 * workers.
 */
function validateTogether(
  pool: WorkerPool,
  workerCount: number,
  file: OpenFile,
  path: string,
  run: Run,
  settle: (error?: AudienceError) => void,
): () => void {
  let working = 0;
  const withdrawals: (() => void)[] = [];
  const withdraw = (): void => {
    for (const withdrawal of withdrawals) withdrawal();
    if (working > 0) return;
    endSpill(run.state);
    file.close();
  };
  const take = (lease: WorkerLease | undefined): void => {
    if (lease === undefined) {
      run.state.stop();
      withdraw();
      settle(cancelled());
      return;
    }
    working++;
    lease.onMessage = (message) => {
      if (run.handles(message)) return;
      lease.release();
      working--;
      if (message?.kind !== 'done') run.state.stop();
      // The first worker to finish cancels requests for further ones.
      withdraw();
      if (message?.kind !== 'done') {
        settle(pool.isDisposed ? cancelled() : failed(message, path));
      } else {
        if (message.counts !== undefined) run.counts.push(message.counts);
        if (working === 0) settle();
      }
    };
    lease.send({ kind: 'file', descriptor: file.descriptor, job: run.job });
  };
  try {
    for (let workerIndex = 0; workerIndex < workerCount; workerIndex++) withdrawals.push(pool.acquire(take));
  } catch (error) {
    withdraw();
    throw error;
  }
  return withdraw;
}

async function validateStream(
  context: Context,
  source: AsyncIterable<Uint8Array>,
  options: ValidateOptions & { readonly type: FileType },
): Promise<ValidationResult> {
  const { pool, chunkBytes } = context;
  throwIfCancelled(options.signal);
  const blocks = blocksOf(source, chunkBytes);
  try {
    const first = await firstBlocks(blocks, options.type, options.signal);
    const run = new Run(context, options.type, options, first.head, first.isAll, 0, 1);
    const feed = new StreamFeed(pool, run, first.head, blocks);
    await run.untilDone((settle) => feed.start(settle));
    return run.result(feed.bytes);
  } finally {
    // Not awaited: a source that is idle ends when it likes.
    void blocks.return(undefined);
  }
}

/** Sends a stream to a worker, block by block, as fast as it takes them. */
class StreamFeed {
  /** Bytes sent. */
  bytes = 0;
  readonly #pool: WorkerPool;
  readonly #run: Run;
  readonly #head: Uint8Array<ArrayBuffer>;
  readonly #blocks: AsyncIterable<Uint8Array<ArrayBuffer>>;
  #lease: WorkerLease | undefined;
  #ahead = 0;
  #wake: (() => void) | undefined;
  #hasEnded = false;

  constructor(
    pool: WorkerPool,
    run: Run,
    head: Uint8Array<ArrayBuffer>,
    blocks: AsyncIterable<Uint8Array<ArrayBuffer>>,
  ) {
    this.#pool = pool;
    this.#run = run;
    this.#head = head;
    this.#blocks = blocks;
  }

  /** Starts once a worker is free. The returned function ends the stream early, even if its source is idle. */
  start(settle: (error?: AudienceError) => void): () => void {
    const withdraw = this.#pool.acquire((lease) => {
      if (lease === undefined) {
        settle(cancelled());
        return;
      }
      this.#lease = lease;
      lease.onMessage = (message) => {
        if (this.#run.handles(message)) return;
        if (message?.kind === 'taken') this.#ahead--;
        else settle(this.#finish(lease, message));
        this.#wake?.();
      };
      lease.send({ kind: 'stream', job: this.#run.job });
      this.#sendAll(lease).catch((error: unknown) => settle(fileError(error, 'read', 'the stream')));
    });
    return () => {
      withdraw();
      this.#end();
    };
  }

  /** The worker has ended; returns its error, if any. */
  #finish(lease: WorkerLease, message: FromWorker | undefined): AudienceError | undefined {
    this.#hasEnded = true;
    this.#lease = undefined;
    endSpill(this.#run.state);
    lease.release();
    if (message?.kind !== 'done') return this.#pool.isDisposed ? cancelled() : failed(message, 'the stream');
    if (message.counts !== undefined) this.#run.counts.push(message.counts);
    return undefined;
  }

  async #sendAll(lease: WorkerLease): Promise<void> {
    try {
      await this.#send(lease, this.#head.slice());
      for await (const block of this.#blocks) {
        if (this.#hasEnded || this.#run.state.stopped) break;
        await this.#send(lease, block);
      }
    } finally {
      this.#end();
    }
  }

  async #send(lease: WorkerLease, block: Uint8Array<ArrayBuffer>): Promise<void> {
    this.bytes += block.length;
    this.#ahead++;
    lease.send({ kind: 'block', block }, [block.buffer]);
    while (this.#ahead >= blocksAhead && !this.#isOver()) {
      await new Promise<void>((done) => (this.#wake = done));
    }
  }

  #isOver(): boolean {
    return this.#hasEnded;
  }

  /** Ends the worker's job. */
  #end(): void {
    if (!this.#hasEnded) this.#lease?.send({ kind: 'end' });
    this.#hasEnded = true;
    this.#wake?.();
  }
}

/** The blocks of a stream in larger pieces, each in its own buffer. */
async function* blocksOf(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let block = new Uint8Array(size);
  let used = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + size - used);
      block.set(part, used);
      used += part.length;
      at += part.length;
      if (used < size) continue;
      yield block;
      block = new Uint8Array(size);
      used = 0;
    }
  }
  if (used > 0) yield block.slice(0, used);
}

/** The first blocks of a stream, up to the end of its header. */
async function firstBlocks(
  blocks: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  type: FileType,
  signal: AbortSignal | undefined,
): Promise<{ readonly head: Uint8Array<ArrayBuffer>; readonly isAll: boolean }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    throwIfCancelled(signal);
    const next = await blocks.next();
    if (next.done === true) return { head: new Uint8Array(Buffer.concat(parts)), isAll: true };
    parts.push(next.value);
    length += next.value.length;
    const hasLine = parts.some((part) => part.includes(10));
    if (length > maxHeaderBytes || (length >= headBytes && (type === 'ndjson' || hasLine))) {
      return { head: new Uint8Array(Buffer.concat(parts)), isAll: false };
    }
  }
}

/** The start of a file: all of a small one, else 64 KiB or up to the end of a CSV header. */
async function headOf(
  { descriptor }: OpenFile,
  path: string,
  size: number,
  type: FileType,
): Promise<Uint8Array> {
  const maxLength = Math.min(size, maxHeaderBytes);
  let head = new Uint8Array(Math.min(size, headBytes));
  let length = 0;
  try {
    for (;;) {
      const { bytesRead } = await readDescriptor(descriptor, head, length, head.length - length, length);
      length += bytesRead;
      if (length < head.length && bytesRead > 0) continue;
      if (bytesRead === 0 || length === maxLength || type === 'ndjson' || head.includes(10)) {
        return head.subarray(0, length);
      }
      const longer = new Uint8Array(Math.min(maxLength, 4 * head.length));
      longer.set(head);
      head = longer;
    }
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

async function statOf(path: string): Promise<BigIntStats> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

function changed(path: string): AudienceError {
  return new AudienceError('changed', `${basename(path)} changed while it was being checked`, {
    help: 'Check it again when no other program is writing to it.',
  });
}

function failed(message: FromWorker | undefined, path: string): AudienceError {
  const failure: Failure | undefined = message?.kind === 'failed' ? message.failure : undefined;
  switch (failure?.reason) {
    case 'system':
      return fileError(Object.assign(new Error(failure.code), { code: failure.code }), 'read', path);
    case 'shorter':
      return changed(path);
    case 'defect':
    case undefined:
      return new AudienceError('internal', 'Internal error', {
        help: "Please report it, but don't attach the file.",
        cause: new Error(failure?.stack ?? 'The worker exited'),
      });
  }
}

/** One running validation: the state its workers share and their results. */
class Run {
  readonly job: Job;
  readonly state: SharedState;
  readonly issues: Finding[] = [];
  /** Each worker's statistics. */
  readonly counts: Counts[] = [];
  readonly #context: Context;
  readonly #maxIssues: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onProgress: ValidateOptions['onProgress'];

  /** `workerCount`: maximum number of workers. `size`: 0 if unknown. */
  constructor(
    context: Context,
    type: FileType,
    options: ValidateOptions,
    head: Uint8Array,
    headIsAll: boolean,
    size: number,
    workerCount: number,
  ) {
    this.#context = context;
    this.#maxIssues = options.maxIssues ?? defaults.maxIssues;
    this.#signal = options.signal;
    this.#onProgress = options.onProgress;
    const arena = arenaFor(context, type, head, headIsAll, size, workerCount);
    this.state = new SharedState(arena.memory.buffer, arena.stateStart);
    this.state.clear();
    this.job = {
      type,
      severity: options.severity ?? {},
      cap: Math.min(this.#maxIssues, options.maxIssuesPerCode ?? defaults.maxIssuesPerCode),
      head,
      headIsAll,
      size,
      chunkBytes: context.chunkBytes,
      arena,
      hashKey: randomBytes(hashKeyBytes),
      memoryBytes: context.memoryBytes(),
      spill: context.spill(),
      counts: options.statistics ?? false,
    };
  }

  /** Waits for the work that `start` begins, with progress and cancellation. `start` returns a function that cancels it. */
  async untilDone(start: (settle: (error?: AudienceError) => void) => () => void): Promise<void> {
    const total = this.job.size === 0 ? undefined : this.job.size;
    const timer = setInterval(() => this.#onProgress?.(this.state.bytes, total), progressTime);
    let onAbort: (() => void) | undefined;
    try {
      await new Promise<void>((done, fail) => {
        const withdraw = start((error) => {
          if (error === undefined) done();
          else fail(error);
        });
        onAbort = () => {
          this.state.stop();
          withdraw();
          fail(cancelled());
        };
        this.#signal?.addEventListener('abort', onAbort, { once: true });
      });
      throwIfCancelled(this.#signal);
    } finally {
      clearInterval(timer);
      if (onAbort !== undefined) this.#signal?.removeEventListener('abort', onAbort);
    }
    this.#onProgress?.(this.state.bytes, total);
  }

  /** Handles what a worker sends during its work; false for other messages. */
  handles(message: FromWorker | undefined): boolean {
    if (message?.kind === 'issues') this.issues.push(...message.issues);
    else if (message?.kind === 'spill') openSpill(this.state);
    else return false;
    return true;
  }

  result(bytes: number): ValidationResult {
    const caps = { issues: this.#maxIssues, ofCode: this.job.cap };
    const result = resultOf(this.job.type, this.state, this.issues, caps, bytes);
    const { arena } = this.job;
    if (arena.isReused) this.#context.idleArenas.push(arena);
    else if (arena.room.columns === defaultColumns) this.#context.largeArena.give(arena);
    return this.job.counts === true ? { ...result, statistics: addUp(this.counts) } : result;
  }
}

/** The result for a file, from the findings of all chunks. */
export function resultOf(
  type: FileType,
  { counts, records }: SharedState,
  details: readonly Finding[],
  caps: { readonly issues: number; readonly ofCode: number },
  bytes: number,
): ValidationResult {
  const totals = severities.map((_, severity) => {
    let total = 0;
    for (let index = severity; index < counts.length; index += 3) total += counts[index]!;
    return total;
  });
  const byCode: Partial<Record<RuleCode, number>> = {};
  ruleCodes.forEach((code, index) => {
    const count = counts[3 * index]! + counts[3 * index + 1]! + counts[3 * index + 2]!;
    if (count > 0) byCode[code] = count;
  });
  const [errors = 0, warnings = 0, infos = 0] = totals;
  // Chunks validated in parallel keep more details in total than requested.
  const findingsByCode = new Map<RuleCode, Finding[]>();
  for (const issue of details.toSorted(byPosition)) {
    const ofCode = findingsByCode.get(issue.code);
    if (ofCode === undefined) findingsByCode.set(issue.code, [issue]);
    else ofCode.push(issue);
  }
  const incomplete = findingsByCode.get('check-incomplete') ?? [];
  findingsByCode.delete('check-incomplete');
  const capped = [...findingsByCode.values()].flatMap((ofCode) => mostSevere(ofCode, caps.ofCode));
  // An incomplete check comes first, however many findings there are.
  const issues = [...incomplete, ...mostSevere(capped.sort(byPosition), caps.issues)];
  const truncated = issues.length < errors + warnings + infos;
  return { type, bytes, records, errors, warnings, infos, counts: byCode, truncated, issues };
}

/** At most `max` findings in their order; if there are more, errors before warnings before infos. */
export function mostSevere(issues: readonly Finding[], max: number): readonly Finding[] {
  if (issues.length <= max) return issues;
  const rank = ({ code, severity }: Finding): number =>
    code === 'check-incomplete' ? -1 : severities.indexOf(severity);
  const chosen = new Set(issues.toSorted((one, other) => rank(one) - rank(other)).slice(0, max));
  return issues.filter((issue) => chosen.has(issue));
}

/** Compares by position in the file. */
export function byPosition(one: Finding, other: Finding): number {
  return (
    one.line - other.line ||
    one.column - other.column ||
    one.endLine - other.endLine ||
    one.endColumn - other.endColumn ||
    (one.code < other.code ? -1 : one.code > other.code ? 1 : 0)
  );
}

/** Columns that always fit. */
export const defaultColumns = 8192;

/** An eighth of the machine's memory, but enough that usual files don't spill, and no more than 32-bit addresses leave room for. */
function defaultMemory(): number {
  return Math.min(2 ** 31, Math.max(128 * 2 ** 20, totalmem() / 8));
}

/** Memory for validating a file. It is reused as the last file left it; only for very many columns there is separate memory. */
function arenaFor(
  { pool, idleArenas, largeArena, chunkBytes }: Context,
  type: FileType,
  head: Uint8Array,
  headIsAll: boolean,
  size: number,
  workerCount: number,
): Arena {
  const columns = type === 'csv' ? columnsAtMost(head) : 0;
  const room = roomFor(chunkBytes, Math.max(defaultColumns, columns));
  if (room.columns !== defaultColumns) return createArena(room, workerCount);
  const isSmall = workerCount === 1 && (headIsAll || (size > 0 && size <= 2 * chunkBytes));
  // Untouched memory costs nothing, so large files get the maximum.
  if (!isSmall) return largeArena.take() ?? createArena(room, pool.size);
  return idleArenas.pop() ?? createArena(room, 1, true);
}
