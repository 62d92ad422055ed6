import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from '../../aws/connection/connection.ts';
import type { EndpointDefinition } from '../../endpoints/model/endpointDefinition.ts';
import { AudienceError, cancelled, isCancelled } from '../../errors.ts';
import { fileError } from '../../fileErrors.ts';
import type { Log } from '../../log.ts';
import { withoutOldReason } from '../failures/failureExpiry.ts';
import type { Clock } from '../runs/clock.ts';
import { systemClock } from '../runs/clock.ts';
import { connectionKeyOf, connectionKeyOfRecord } from '../runs/connectionKey.ts';
import type { Lease } from '../runs/lease.ts';
import { Leases } from '../runs/lease.ts';
import type { RunControl } from '../runs/runControl.ts';
import { Guard, TakenOver } from '../runs/guard.ts';
import type { RecordKind } from '../runs/guardedStore.ts';
import { GuardedStore } from '../runs/guardedStore.ts';
import { bulkItems, type BulkItem } from './bulkItems.ts';
import { Journal, journalOf, progressOf, removeJournals, removeJournalsAndCopies } from './bulkJournal.ts';
import type { BulkCounts, BulkKind, BulkRecord, Outcome } from './bulkRecord.ts';
import { writeResults } from './bulkResults.ts';
import { Rates, Sender } from './bulkSender.ts';

export interface BulkOptions {
  /** The folder of records and journals; several processes may share it. */
  readonly folder: string;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /** Maximum bytes that a compressed file may unpack to. */
  readonly unzipLimit?: (() => number) | undefined;
  /** Where the processes of this machine share the rates of an account; in `folder` if absent. */
  readonly ratesFolder?: string | undefined;
  /** Milliseconds without a heartbeat after which another process's operations are taken over. */
  readonly leaseTtlMs?: number | undefined;
}

export interface BulkPlan {
  readonly kind: BulkKind;
  readonly projectId: string;
  readonly projectName?: string | undefined;
  /** Path of a file of endpoints, of Ids or of user Ids: CSV, NDJSON, or `.txt` with one Id per line. */
  readonly source: string;
  /** The file when its records were counted for the confirmation. If it differs by now, nothing starts. */
  readonly confirmed?: FileVersion | undefined;
  readonly change?: EndpointDefinition | undefined;
}

type FileVersion = Omit<BulkRecord['source'], 'path'>;

const idForm = /^[0-9a-f]{16}$/;

/** How long the record of a completed operation is kept, in milliseconds: thirty days. */
const completedKeptMs = 30 * 24 * 60 * 60 * 1000;

/** Deletes or updates many endpoints at the documented rates, and records its progress. */
export class Bulk {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #leases: Leases;
  readonly #unzipLimit: () => number | undefined;
  readonly #log: Log;
  readonly #store: GuardedStore<BulkRecord>;
  readonly #ratesFolder: string;
  /** By account, region and service, like the quotas. */
  readonly #rates = new Map<string, Rates>();
  readonly #running = new Map<string, AbortController>();

  constructor({ folder, log, clock, unzipLimit, ratesFolder, leaseTtlMs }: BulkOptions) {
    this.#log = log;
    this.#store = new GuardedStore(folder, bulkRecords, log);
    this.#ratesFolder = ratesFolder ?? join(folder, 'rates');
    this.#unzipLimit = unzipLimit ?? (() => undefined);
    this.#folder = folder;
    this.#clock = clock ?? systemClock;
    this.#leases = new Leases(folder, { log, ttlMs: leaseTtlMs });
  }

  /** All recorded operations, newest first. One whose process is gone counts as paused. */
  async list(): Promise<readonly BulkRecord[]> {
    const ids = (await this.#store.ids()).filter((id) => idForm.test(id));
    const records = await Promise.all(ids.map((id) => this.#read(id)));
    return records
      .filter((record) => record !== undefined)
      .sort((a, b) => b.created.localeCompare(a.created));
  }

  /**
   * Counts the records of the file, writes the record of the operation, and runs until it is done or paused. Throws `changed` if the
   * file isn't the confirmed one.
   */
  async start(connection: Connection, plan: BulkPlan, control: RunControl): Promise<BulkRecord> {
    const source = await stampOf(plan.source);
    if (plan.confirmed !== undefined && !isSameVersion(source, plan.confirmed)) {
      throw new AudienceError('changed', 'The file changed after its records were counted', {
        help: 'Start again with the changed file.',
      });
    }
    let total = 0;
    for await (const item of bulkItems(plan.source, plan.kind, plan.change, {
      signal: control.signal,
      unzipLimit: this.#unzipLimit(),
    })) {
      total = item.index + 1;
    }
    if (total === 0) {
      throw new AudienceError('bad-input', 'Nothing to do: the file has no records', {
        help: 'Choose a file with a column Id or User.UserId, or a text file with one Id per line.',
      });
    }
    const now = this.#now();
    const { identity, settings } = connection;
    const record: BulkRecord = {
      schema: 2,
      epoch: 1,
      id: randomBytes(8).toString('hex'),
      kind: plan.kind,
      state: 'running',
      created: now,
      updated: now,
      identity: identity.arn,
      account: identity.account,
      region: identity.region,
      endpointUrl: settings.endpointUrl,
      projectId: plan.projectId,
      projectName: plan.projectName,
      source,
      change: plan.change,
      total,
      counts: { done: 0, absent: 0, failed: 0 },
    };
    return this.#work(connection, record.id, control, (lease) => this.#create(record, lease));
  }

  /** Continues a paused operation. Throws `changed` if its file has changed. */
  async resume(connection: Connection, id: string, control: RunControl): Promise<BulkRecord> {
    const record = await this.#read(id);
    if (record === undefined || !isUnfinished(record)) throw noneUnfinished();
    if (connectionKeyOfRecord(record) !== connectionKeyOf(connection)) {
      throw new AudienceError(
        'bad-input',
        `This operation belongs to account ${record.account} in ${record.region}`,
        {
          help: 'Connect to that account and region first.',
        },
      );
    }
    await checkUnchanged(record);
    return this.#work(connection, id, control, (lease) => this.#take(id, lease));
  }

  /** Records operations of ended processes as paused. Returns each once, to one of several windows. */
  async adoptOrphans(): Promise<readonly BulkRecord[]> {
    const paused = (await this.list()).filter(({ state }) => state === 'paused');
    const taken = await Promise.all(paused.map(({ id }) => this.#adoptOrphans(id)));
    return taken.filter((record) => record !== undefined);
  }

  /** Stops after the current request. */
  pause(id: string): void {
    this.#running.get(id)?.abort();
  }

  /** Removes an operation from the list; its effects stay. Throws `conflict` while this or another window runs it. */
  async forget(id: string): Promise<void> {
    const lease = idForm.test(id) ? await this.#leases.acquire(id) : undefined;
    if (lease === undefined) {
      throw new AudienceError('conflict', "A running operation can't be removed", {
        help: 'Pause it first, in its window.',
      });
    }
    const taken = await Guard.take(this.#store, lease, id);
    try {
      if (taken === undefined) return;
      await taken.guard.check();
      await this.#store.remove(id, taken.guard.epoch);
      // No process can take over a removed record, so no later owner needs the journals.
      await removeJournalsAndCopies(this.#folder, id);
    } finally {
      await lease.release();
    }
  }

  /** Completed operations are kept for a while. The results file belongs to the user and stays. */
  async #dropOld(): Promise<void> {
    const before = this.#clock.now() - completedKeptMs;
    for (const { id, state, ended } of await this.list()) {
      const isOld = state === 'completed' && ended !== undefined && Date.parse(ended) < before;
      if (!isOld) continue;
      await this.#store.remove(id);
      await removeJournalsAndCopies(this.#folder, id);
    }
  }

  /**
   * Removes completed operations after thirty days, reasons of paused ones and copies of damaged journals after a week, and what
   * interrupted processes left.
   */
  async sweep(): Promise<void> {
    if (!existsSync(this.#folder)) return;
    await this.#store.prepare();
    await this.#dropOld();
    await this.#dropOldReasons();
    await this.#sweep();
  }

  async #dropOldReasons(): Promise<void> {
    for (const id of await this.#store.ids())
      await this.#store.update(id, (record) => withoutOldReason(record, record.updated, this.#clock.now()));
  }

  /** Removes files that interrupted processes left. */
  async #sweep(): Promise<void> {
    await this.#store.sweep();
    await this.#sweepJournals();
    const known = new Set(await this.#store.ids());
    await this.#leases.sweep((id) => known.has(id));
  }

  /** Journals go with the end of their operation, copies of damaged ones with its record. */
  async #sweepJournals(): Promise<void> {
    const names = await readdir(this.#folder);
    for (const id of new Set(names.flatMap((name) => journalOf(name)?.id ?? []))) {
      if (await this.#leases.isHeld(id)) continue;
      const record = await this.#store.get(id);
      if (record === undefined) {
        // A newer version of the extension may need them.
        if (!(await this.#store.has(id))) await removeJournalsAndCopies(this.#folder, id);
      } else if (record.state === 'completed') await removeJournals(this.#folder, id);
    }
  }

  dispose(): void {
    for (const running of this.#running.values()) running.abort();
    this.#leases.dispose();
  }

  async #work(
    connection: Connection,
    id: string,
    control: RunControl,
    begin: (lease: Lease) => Promise<Guard<BulkRecord>>,
  ): Promise<BulkRecord> {
    await this.#store.prepare();
    const lease = await this.#leases.acquire(id);
    if (lease === undefined) {
      throw new AudienceError('conflict', 'This operation is running in another window', {
        help: 'Look there, or wait.',
      });
    }
    const guard = await begin(lease);
    const stop = new AbortController();
    this.#running.set(id, stop);
    const signal = control.signal ? AbortSignal.any([control.signal, stop.signal]) : stop.signal;
    const write = (change: Partial<BulkRecord>): Promise<BulkRecord> =>
      guard.update((record) => ({ ...record, ...change, updated: this.#now() }));
    try {
      await this.sweep();
      const record = await write({ state: 'running', trouble: undefined });
      let ended: Partial<BulkRecord>;
      try {
        const counts = await this.#send(connection, record, guard, signal, control);
        const { outcomes, damaged } = await progressOf(this.#folder, record.id);
        const results = await this.#publish(record, outcomes, guard);
        ended = { state: 'completed', counts, results, publishing: undefined, ended: this.#now() };
        if (damaged.length > 0) ended = { ...ended, damaged };
      } catch (error) {
        const { counts } = await progressOf(this.#folder, record.id);
        ended = { state: 'paused', counts, trouble: troubleOf(error) };
      }
      const written = await write(ended);
      for (const copy of written.damaged ?? []) {
        this.#log.warn(`The journal of an operation on endpoints was damaged. Copy: ${copy}`);
      }
      if (written.state === 'completed') await removeJournals(this.#folder, written.id);
      return written;
    } catch (error) {
      await lease.release();
      // The journal that a suspended process opened after another one had completed the operation.
      if (error instanceof TakenOver) await this.#sweepJournals();
      throw error;
    } finally {
      this.#running.delete(id);
      await lease.release();
    }
  }

  async #create(record: BulkRecord, lease: Lease): Promise<Guard<BulkRecord>> {
    try {
      const created = await this.#store.create(record);
      if (created !== undefined) return new Guard(this.#store, lease, created.id, created.epoch);
      throw new AudienceError('conflict', 'An operation with this id exists already');
    } catch (error) {
      await lease.release();
      throw error;
    }
  }

  /** Decides by the record as it is now: this process may have been suspended after it read it. */
  async #take(id: string, lease: Lease): Promise<Guard<BulkRecord>> {
    const taken = await Guard.take(this.#store, lease, id, isUnfinished);
    if (taken === undefined) throw noneUnfinished();
    return taken.guard;
  }

  /** Writes the results once, even if this process ends meanwhile. */
  #publish(
    record: BulkRecord,
    outcomes: ReadonlyMap<number, Outcome>,
    guard: Guard<BulkRecord>,
  ): Promise<string> {
    const journal = {
      earlier: record.publishing ?? [],
      write: async (publishing: readonly string[]) => {
        await guard.update((latest) => ({ ...latest, publishing }));
      },
      check: () => guard.check(),
    };
    return writeResults(record, outcomes, journal, this.#unzipLimit());
  }

  /** Sends the records that aren't in the journal yet. Throws errors that stop the operation. */
  async #send(
    connection: Connection,
    record: BulkRecord,
    guard: Guard<BulkRecord>,
    signal: AbortSignal,
    { onProgress }: RunControl,
  ): Promise<BulkCounts> {
    const before = await progressOf(this.#folder, record.id);
    const counts = { ...before.counts };
    const journal = await Journal.open(this.#folder, record.id, guard.epoch);
    const sender = new Sender(connection, record, this.#ratesOf(connection), this.#clock, signal);
    const send = async (batch: readonly BulkItem[]): Promise<void> => {
      const from = batch[0]!.index;
      if (signal.aborted) throw cancelled();
      // It may take hours, and others may write to the file meanwhile.
      await checkUnchanged(record);
      const isUncertain = batch.some(({ index }) => before.uncertain.has(index));
      const endpoints = [...(before.uncertain.get(from) ?? []), ...(await sender.endpointsOf(batch))];
      await journal.begin(from, from + batch.length, endpoints);
      const outcomes = await guard.send(() => sender.send(batch, isUncertain, endpoints));
      await journal.end(from, outcomes);
      for (const { kind } of outcomes) if (kind !== 'unknown') counts[kind]++;
      onProgress?.(from + batch.length, record.total, `${from + batch.length} / ${record.total}`);
    };
    try {
      let batch: BulkItem[] = [];
      let bytes = 0;
      for await (const item of bulkItems(record.source.path, record.kind, record.change, {
        unzipLimit: this.#unzipLimit(),
      })) {
        if (before.outcomes.has(item.index)) continue;
        const size = item.item === undefined ? 0 : Buffer.byteLength(JSON.stringify(item.item));
        const follows = batch.length === 0 || item.index === batch.at(-1)!.index + 1;
        const isFull =
          !follows || batch.length >= sender.limits.endpoints || bytes + size > sender.limits.bytes;
        if (batch.length > 0 && isFull) {
          await send(batch);
          batch = [];
          bytes = 0;
        }
        batch.push(item);
        bytes += size;
      }
      if (batch.length > 0) await send(batch);
    } finally {
      await journal.close();
    }
    return counts;
  }

  async #adoptOrphans(id: string): Promise<BulkRecord | undefined> {
    const lease = await this.#leases.acquire(id);
    const taken = lease && (await Guard.take(this.#store, lease, id, ({ state }) => state === 'running'));
    if (taken === undefined) return undefined;
    try {
      const { counts } = await progressOf(this.#folder, id);
      return await taken.guard.update((record) => ({
        ...record,
        state: 'paused',
        counts,
        updated: this.#now(),
      }));
    } finally {
      await taken.guard.release();
    }
  }

  #ratesOf(connection: Connection): Rates {
    const key = connectionKeyOf(connection);
    const folder = join(this.#ratesFolder, createHash('sha256').update(key).digest('hex').slice(0, 16));
    const rates = this.#rates.get(key) ?? new Rates(this.#clock, folder);
    this.#rates.set(key, rates);
    return rates;
  }

  async #read(id: string): Promise<BulkRecord | undefined> {
    const record = await this.#store.get(id);
    const isLeft = record?.state === 'running' && !(await this.#leases.isHeld(id));
    return isLeft ? { ...record, state: 'paused' } : record;
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

function isUnfinished({ state }: BulkRecord): boolean {
  return state !== 'completed';
}

function noneUnfinished(): AudienceError {
  return new AudienceError('not-found', 'No unfinished operation has this id', {
    help: 'Choose one from the list.',
  });
}

/** Schema 1 is the same without epoch, in one file each. */
const bulkRecords: RecordKind<BulkRecord> = {
  extension: '.bulk',
  oldExtension: '.json',
  schema: 2,
  parse(value, id) {
    const record = value as
      (Omit<BulkRecord, 'schema' | 'epoch'> & { schema: number; epoch?: number }) | null;
    if (record?.id !== id || ![1, 2].includes(record.schema)) return undefined;
    return { ...record, schema: 2, epoch: record.epoch ?? 0 };
  },
};

async function stampOf(path: string): Promise<BulkRecord['source']> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, bytes: size, modified: mtimeMs };
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

function isSameVersion(one: FileVersion, other: FileVersion): boolean {
  return one.bytes === other.bytes && one.modified === other.modified;
}

/** Throws `changed` if the file isn't the one that the operation started with. */
async function checkUnchanged({ source }: BulkRecord): Promise<void> {
  if (isSameVersion(await stampOf(source.path), source)) return;
  throw new AudienceError('changed', 'The file changed since this operation started', {
    help: 'Start again with the changed file. Repeating finished items is safe.',
  });
}

/** No trouble if the user paused. */
function troubleOf(error: unknown): BulkRecord['trouble'] {
  if (isCancelled(error)) return undefined;
  if (error instanceof AudienceError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.help !== undefined && { help: error.help }),
    };
  }
  throw error;
}
