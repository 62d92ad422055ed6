import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../../fileErrors.ts';
import { rm } from '../../fileOperations.ts';
import { readOwnBytes } from '../../ownFiles.ts';
import { makeRecordFolder } from '../../ownFolders.ts';
import type { Log } from '../../log.ts';
import { withoutOldReason } from '../failures/failureExpiry.ts';
import { Guard } from '../runs/guard.ts';
import type { RecordKind } from '../runs/guardedStore.ts';
import { GuardedStore } from '../runs/guardedStore.ts';
import type { Lease } from '../runs/lease.ts';
import { writeWhole } from '../runs/wholeFile.ts';
import type { MirrorState } from './mirrorContent.ts';
import { planIsObsolete, type MirrorPlan } from './mirrorPlan.ts';
import type { MirrorRecord } from './mirrorRecord.ts';

/** The last run and the last state of each mirror, in a folder that several processes share. */
export class MirrorStore {
  readonly #folder: string;
  readonly #records: GuardedStore<MirrorRecord>;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#records = new GuardedStore(folder, mirrorRecords, log);
  }

  /** The id of a mirror, derived from the declaring file and its name there. */
  idOf(declaringFile: string, name: string): string {
    return createHash('sha256')
      .update(JSON.stringify([declaringFile, name]))
      .digest('hex')
      .slice(0, 16);
  }

  /** `undefined` if there is none or it is damaged; then the next run compares with an export. */
  record(id: string): Promise<MirrorRecord | undefined> {
    return this.#records.get(id);
  }

  /**
   * Takes the record over or creates it. `change` returns its content, given the earlier one.
   *
   * @throws AudienceError `changed` if the record's epoch or state is no longer that of the plan
   */
  async begin(
    lease: Lease,
    { id, last }: Pick<MirrorPlan, 'id' | 'last'>,
    change: (earlier: MirrorRecord | undefined) => Omit<MirrorRecord, 'epoch'>,
  ): Promise<{ readonly guard: Guard<MirrorRecord>; readonly record: MirrorRecord }> {
    const created = await this.#records.create({ ...change(undefined), epoch: 1 });
    if (created !== undefined)
      return { guard: new Guard(this.#records, lease, id, created.epoch), record: created };
    // The end of a run changes the state only.
    const isPlanned = ({ epoch, state }: MirrorRecord) => epoch === last?.epoch && state === last.state;
    const taken = await Guard.take(this.#records, lease, id, isPlanned);
    if (taken === undefined) throw planIsObsolete();
    const { guard, record: earlier } = taken;
    return { guard, record: await guard.update(({ epoch }) => ({ ...change(earlier), epoch })) };
  }

  /** What was mirrored last; `undefined` if it is missing or damaged. */
  async state({ id, epoch }: Pick<MirrorRecord, 'id' | 'epoch'>): Promise<MirrorState | undefined> {
    const bytes = await this.#read(stateName(id, epoch));
    const end = bytes?.indexOf(10) ?? -1;
    if (bytes === undefined || end < 0) return undefined;
    const head = headOf(bytes.toString('utf8', 0, end));
    const packed = bytes.subarray(end + 1);
    if (head === undefined || packed.length !== 16 * head.members) return undefined;
    const members = new Int32Array(4 * head.members);
    Buffer.from(members.buffer).set(packed);
    return { salt: head.salt, identifier: head.identifier, members };
  }

  /** A line of JSON, then the numbers as they are in memory. */
  async putState(
    { id, epoch }: Pick<MirrorRecord, 'id' | 'epoch'>,
    { salt, identifier, members }: MirrorState,
  ): Promise<void> {
    const head = JSON.stringify({ salt, identifier, members: members.length / 4 } satisfies Head);
    const packed = Buffer.from(members.buffer, members.byteOffset, members.byteLength);
    await this.#write(stateName(id, epoch), Buffer.concat([Buffer.from(`${head}\n`), packed]));
  }

  /** Removes the states of earlier owners, before the segment changes. */
  async dropStates({ id, epoch }: Pick<MirrorRecord, 'id' | 'epoch'>): Promise<void> {
    const own = stateName(id, epoch);
    for (const name of await readdir(this.#folder)) {
      const isOther = name.startsWith(`${id}.`) && name.endsWith('.state') && name !== own;
      if (isOther) await rm(join(this.#folder, name), { force: true });
    }
  }

  /** Removes files that no longer count, and the reasons of runs that failed long ago: see `failureExpiry.ts`. */
  async sweep(now: number): Promise<void> {
    for (const id of await this.#records.ids())
      await this.#records.update(id, (record) => withoutOldReason(record, record.ended, now));
    await this.#records.sweep();
  }

  async #read(name: string): Promise<Buffer | undefined> {
    const path = join(this.#folder, name);
    return readOwnBytes(path).catch((error: unknown) => {
      throw fileError(error, 'read', path);
    });
  }

  async #write(name: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.#folder, name);
    try {
      await makeRecordFolder(this.#folder);
      await writeWhole(path, content);
    } catch (error) {
      throw fileError(error, 'write', path);
    }
  }
}

/** Each owner has its own state; the record says which one counts. Earlier versions of the extension used one for all. */
function stateName(id: string, epoch: number): string {
  return epoch === 0 ? `${id}.state` : `${id}.${epoch}.state`;
}

/** Schema 1 is the same without epoch, in one file each. */
const mirrorRecords: RecordKind<MirrorRecord> = {
  extension: '.mirror',
  oldExtension: '.json',
  schema: 2,
  parse(value, id) {
    const record = value as
      (Omit<MirrorRecord, 'schema' | 'epoch'> & { schema: number; epoch?: number }) | null;
    if (record?.id !== id || ![1, 2].includes(record.schema)) return undefined;
    return { ...record, schema: 2, epoch: record.epoch ?? 0 };
  },
};

interface Head {
  readonly salt: number;
  readonly identifier: string;
  readonly members: number;
}

function headOf(text: string): Head | undefined {
  try {
    return JSON.parse(text) as Head;
  } catch {
    return undefined;
  }
}
