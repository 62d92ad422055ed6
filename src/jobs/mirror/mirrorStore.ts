import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, hasErrno } from '../../fileErrors.ts';
import { privateFolder } from '../../permissions.ts';
import { writeWhole } from '../runs/runStore.ts';
import type { MirrorState } from './mirrorContent.ts';
import type { MirrorRecord } from './mirrorRecord.ts';

/** The last run and the last state of each mirror, in a folder that several processes share. */
export class MirrorStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The id of a mirror: of the file that declares it and its name there. */
  idOf(declaringFile: string, name: string): string {
    return createHash('sha256')
      .update(JSON.stringify([declaringFile, name]))
      .digest('hex')
      .slice(0, 16);
  }

  async record(id: string): Promise<MirrorRecord | undefined> {
    const text = await this.#read(`${id}.json`);
    if (text === undefined) return undefined;
    try {
      const record = JSON.parse(text.toString()) as MirrorRecord;
      return (record.schema as number) === 1 ? record : undefined;
    } catch {
      // Not ours, or damaged: then nothing is known, and the next run compares with an export.
      return undefined;
    }
  }

  async putRecord(record: MirrorRecord): Promise<void> {
    await this.#write(`${record.id}.json`, `${JSON.stringify(record, undefined, 1)}\n`);
  }

  /** What was mirrored last; nothing where it cannot be read any more. */
  async state(id: string): Promise<MirrorState | undefined> {
    const bytes = await this.#read(`${id}.state`);
    const end = bytes?.indexOf(10) ?? -1;
    if (bytes === undefined || end < 0) return undefined;
    const head = headOf(bytes.toString('utf8', 0, end));
    const packed = bytes.subarray(end + 1);
    if (head === undefined || packed.length !== 16 * head.members) return undefined;
    const members = new Int32Array(4 * head.members);
    Buffer.from(members.buffer).set(packed);
    return { salt: head.salt, identifier: head.identifier, members };
  }

  /** A line that says what it is, then the numbers as they are in memory. */
  async putState(id: string, { salt, identifier, members }: MirrorState): Promise<void> {
    const head = JSON.stringify({ salt, identifier, members: members.length / 4 } satisfies Head);
    const packed = Buffer.from(members.buffer, members.byteOffset, members.byteLength);
    await this.#write(`${id}.state`, Buffer.concat([Buffer.from(`${head}\n`), packed]));
  }

  /** Forgets the state: before something changes the segment, until it is known what came of it. */
  async dropState(id: string): Promise<void> {
    await rm(join(this.#folder, `${id}.state`), { force: true });
  }

  async #read(name: string): Promise<Buffer | undefined> {
    const path = join(this.#folder, name);
    return readFile(path).catch((error: unknown) => {
      if (hasErrno(error, 'ENOENT')) return undefined;
      throw fileError(error, 'read', path);
    });
  }

  async #write(name: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.#folder, name);
    try {
      await mkdir(this.#folder, { recursive: true, mode: privateFolder });
      await writeWhole(path, content);
    } catch (error) {
      throw fileError(error, 'write', path);
    }
  }
}

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
