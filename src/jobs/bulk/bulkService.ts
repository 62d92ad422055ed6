import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from '../../aws/connection/connection.ts';
import type { EndpointDefinition } from '../../endpoints/model/endpointDefinition.ts';
import { AudienceError, cancelled, isCancelled } from '../../errors.ts';
import { fileError } from '../../fileErrors.ts';
import { privateFolder } from '../../permissions.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../runs/clock.ts';
import { systemClock } from '../runs/clock.ts';
import { Leases } from '../runs/lease.ts';
import type { RunControl } from '../runs/runControl.ts';
import { writeWhole } from '../runs/runStore.ts';
import { bulkItems, type BulkItem } from './bulkItems.ts';
import { Journal, outcomesOf, progressOf } from './bulkJournal.ts';
import type { BulkCounts, BulkKind, BulkRecord } from './bulkRecord.ts';
import { writeResults } from './bulkResults.ts';
import { Rates, Sender } from './bulkSender.ts';

export interface BulkOptions {
  /** Where records and journals are kept; several processes may share it. */
  readonly folder: string;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /** The most bytes that a packed file may unpack to. */
  readonly unzipLimit?: (() => number) | undefined;
}

export interface BulkPlan {
  readonly kind: BulkKind;
  readonly projectId: string;
  readonly projectName?: string | undefined;
  /** Path of a file of endpoints, of Ids or of user Ids: CSV, NDJSON, or `.txt` with an Id a line. */
  readonly source: string;
  readonly change?: EndpointDefinition | undefined;
}

const idForm = /^[0-9a-f]{16}$/;

/** How long the record of completed work is kept, in milliseconds: thirty days. */
const completedKeptMs = 30 * 24 * 60 * 60 * 1000;

/** Deletes or updates many endpoints at the documented rates, and remembers how far it came. */
export class Bulk {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #leases: Leases;
  readonly #unzipLimit: () => number | undefined;
  /** By connection: the quotas are of an account and a region. */
  readonly #rates = new Map<string, Rates>();
  readonly #running = new Map<string, AbortController>();

  constructor({ folder, log, clock, unzipLimit }: BulkOptions) {
    this.#unzipLimit = unzipLimit ?? (() => undefined);
    this.#folder = folder;
    this.#clock = clock ?? systemClock;
    this.#leases = new Leases(folder, { log });
  }

  /** Everything that is remembered, newest first. What a process left running that is gone counts as paused. */
  async list(): Promise<readonly BulkRecord[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const ids = names.map((name) => name.replace(/\.json$/, '')).filter((id) => idForm.test(id));
    const records = await Promise.all(ids.map((id) => this.#read(id)));
    return records
      .filter((record) => record !== undefined)
      .sort((a, b) => b.created.localeCompare(a.created));
  }

  /** Counts the file, writes the record, and works until it is done or paused. Resolves with the record as it is then. */
  async start(connection: Connection, plan: BulkPlan, control: RunControl): Promise<BulkRecord> {
    const source = await stampOf(plan.source);
    let total = 0;
    for await (const item of bulkItems(plan.source, plan.kind, plan.change, {
      signal: control.signal,
      unzipLimit: this.#unzipLimit(),
    })) {
      total = item.index + 1;
    }
    if (total === 0) {
      throw new AudienceError('bad-input', 'There is nothing to do: the file has no record', {
        help: 'Choose a file with a column Id or User.UserId, or a text file with an Id a line.',
      });
    }
    const now = this.#now();
    const { identity, settings } = connection;
    const record: BulkRecord = {
      schema: 1,
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
    return this.#work(connection, record, control);
  }

  /** Goes on where the work was paused. Rejects with `changed` where the file is another now. */
  async resume(connection: Connection, id: string, control: RunControl): Promise<BulkRecord> {
    const record = await this.#read(id);
    if (record === undefined || record.state === 'completed') {
      throw new AudienceError('not-found', 'There is no unfinished work with this id', {
        help: 'Choose one from the list.',
      });
    }
    const { identity, settings } = connection;
    const isSame =
      record.account === identity.account &&
      record.region === identity.region &&
      record.endpointUrl === settings.endpointUrl;
    if (!isSame) {
      throw new AudienceError(
        'bad-input',
        `This work belongs to account ${record.account} in ${record.region}`,
        {
          help: 'Connect to that account and region first.',
        },
      );
    }
    const source = await stampOf(record.source.path);
    if (source.bytes !== record.source.bytes || source.modified !== record.source.modified) {
      throw new AudienceError('changed', 'The file is not the one any more that the work began with', {
        help: 'Start anew with the file as it is: what was done already does no harm twice.',
      });
    }
    return this.#work(connection, record, control);
  }

  /** Work that a process left in the midst of it, now written down as paused: each is given once, to one of several windows. */
  async adoptOrphans(): Promise<readonly BulkRecord[]> {
    const paused = (await this.list()).filter(({ state }) => state === 'paused');
    const taken = await Promise.all(paused.map(({ id }) => this.#adoptOrphans(id)));
    return taken.filter((record) => record !== undefined);
  }

  /** Lets the request on its way end, and stops. */
  pause(id: string): void {
    this.#running.get(id)?.abort();
  }

  /** Takes work off the list; what it did stays done. Rejects with `conflict` while this or another window is at it. */
  async forget(id: string): Promise<void> {
    const lease = idForm.test(id) ? await this.#leases.acquire(id) : undefined;
    if (lease === undefined) {
      throw new AudienceError('conflict', 'Work that goes on cannot be forgotten', {
        help: 'Pause it first, in its window.',
      });
    }
    try {
      await rm(this.#path(id, 'json'), { force: true });
      await rm(this.#path(id, 'journal'), { force: true });
    } finally {
      await lease.release();
    }
  }

  /** Completed work is remembered for a while: nothing is done with its record, and the file of results is the user's. */
  async #dropOld(): Promise<void> {
    const before = this.#clock.now() - completedKeptMs;
    for (const { id, state, ended } of await this.list()) {
      const isOld = state === 'completed' && ended !== undefined && Date.parse(ended) < before;
      if (isOld) await rm(this.#path(id, 'json'), { force: true });
    }
  }

  dispose(): void {
    for (const running of this.#running.values()) running.abort();
    this.#leases.dispose();
  }

  async #work(connection: Connection, begun: BulkRecord, control: RunControl): Promise<BulkRecord> {
    await mkdir(this.#folder, { recursive: true, mode: privateFolder });
    const lease = await this.#leases.acquire(begun.id);
    if (lease === undefined) {
      throw new AudienceError('conflict', 'Another window is at this work', { help: 'Look there, or wait.' });
    }
    const stop = new AbortController();
    this.#running.set(begun.id, stop);
    const signal = control.signal ? AbortSignal.any([control.signal, stop.signal]) : stop.signal;
    try {
      await this.#dropOld();
      let record = await this.#write({ ...begun, state: 'running', trouble: undefined });
      try {
        const counts = await this.#send(connection, record, signal, control);
        const results = await writeResults(
          record,
          await outcomesOf(this.#path(record.id, 'journal')),
          this.#unzipLimit(),
        );
        record = { ...record, state: 'completed', counts, results, ended: this.#now() };
      } catch (error) {
        const { counts } = await progressOf(this.#path(record.id, 'journal'));
        record = { ...record, state: 'paused', counts, trouble: troubleOf(error) };
      }
      const written = await this.#write(record);
      if (written.state === 'completed') await rm(this.#path(record.id, 'journal'), { force: true });
      return written;
    } finally {
      this.#running.delete(begun.id);
      await lease.release();
    }
  }

  /** Sends what the journal does not know of yet. Throws what keeps it from going on. */
  async #send(
    connection: Connection,
    record: BulkRecord,
    signal: AbortSignal,
    { onProgress }: RunControl,
  ): Promise<BulkCounts> {
    const path = this.#path(record.id, 'journal');
    const before = await progressOf(path);
    const counts = { ...before.counts };
    const journal = await Journal.open(path);
    const sender = new Sender(connection, record, this.#ratesOf(connection), this.#clock, signal);
    const send = async (batch: readonly BulkItem[]): Promise<void> => {
      const from = batch[0]!.index;
      if (signal.aborted) throw cancelled();
      await journal.begin(from, from + batch.length);
      const outcomes = await sender.send(batch, from < before.uncertain);
      await journal.end(from, outcomes);
      for (const { kind } of outcomes) counts[kind]++;
      onProgress?.(from + batch.length, record.total, `${from + batch.length} / ${record.total}`);
    };
    try {
      let batch: BulkItem[] = [];
      let bytes = 0;
      for await (const item of bulkItems(record.source.path, record.kind, record.change, {
        unzipLimit: this.#unzipLimit(),
      })) {
        if (item.index < before.next) continue;
        const size = item.item === undefined ? 0 : Buffer.byteLength(JSON.stringify(item.item));
        const isFull = batch.length >= sender.limits.endpoints || bytes + size > sender.limits.bytes;
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
    try {
      const record = lease && (await this.#readWritten(id));
      if (record?.state !== 'running') return undefined;
      const { counts } = await progressOf(this.#path(id, 'journal'));
      return await this.#write({ ...record, state: 'paused', counts });
    } finally {
      await lease?.release();
    }
  }

  #ratesOf(connection: Connection): Rates {
    const { identity, settings } = connection;
    const key = JSON.stringify([identity.account, identity.region, settings.endpointUrl]);
    const rates = this.#rates.get(key) ?? new Rates(this.#clock);
    this.#rates.set(key, rates);
    return rates;
  }

  async #read(id: string): Promise<BulkRecord | undefined> {
    const record = await this.#readWritten(id);
    const isLeft = record?.state === 'running' && !(await this.#leases.isHeld(id));
    return isLeft ? { ...record, state: 'paused' } : record;
  }

  async #readWritten(id: string): Promise<BulkRecord | undefined> {
    try {
      const record = JSON.parse(await readFile(this.#path(id, 'json'), 'utf8')) as BulkRecord;
      return (record.schema as number) === 1 ? record : undefined;
    } catch {
      // Gone meanwhile, or written by something else: then it is none of ours.
      return undefined;
    }
  }

  async #write(record: BulkRecord): Promise<BulkRecord> {
    const written = { ...record, updated: this.#now() };
    const path = this.#path(record.id, 'json');
    try {
      await writeWhole(path, `${JSON.stringify(written, undefined, 1)}\n`);
    } catch (error) {
      throw fileError(error, 'write the record of the work', path);
    }
    return written;
  }

  #path(id: string, ending: 'json' | 'journal'): string {
    return join(this.#folder, `${id}.${ending}`);
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

async function stampOf(path: string): Promise<BulkRecord['source']> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, bytes: size, modified: mtimeMs };
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

/** Nothing to tell where it was the user who paused. */
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
