import { AudienceError } from '../../errors.ts';
import { responseOnly } from '../../endpoints/attributes.ts';
import { Hash, KeyTable, Numbers } from '../../endpoints/transform/keyTable.ts';
import { meaning } from '../../endpoints/transform/meaning.ts';
import { nameOf, type Name } from '../../endpoints/transform/names.ts';
import { Notes } from '../../endpoints/transform/notes.ts';
import type { EndpointRecord } from '../../endpoints/transform/record.ts';
import { readRecords } from '../../endpoints/transform/records.ts';
import { Source } from '../../endpoints/transform/source.ts';

/** How members differ. Samples are lines of the files, and of members that only the segment has what identifies them: for the user's eyes. */
export interface MirrorDifference {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  readonly samples: {
    readonly added: readonly Sample[];
    readonly changed: readonly Sample[];
    /** `undefined` where only hashes of them are known. */
    readonly removed: readonly string[] | undefined;
  };
}

/** The place of a member in the files. */
export interface Sample {
  readonly path: string;
  readonly line: number;
}

/** What is kept of an audience: for each member two hashes, salted. No content of a record. */
export interface MirrorState {
  readonly salt: number;
  readonly identifier: string;
  /** Four numbers of 32 bits a member: its key's hash and its content's. */
  readonly members: Int32Array;
}

const mostSamples = 20;
/** Only the service writes them, or rewrites them with every import. */
const notCompared: ReadonlySet<string> = new Set([
  ...responseOnly.map(({ path }) => path),
  'EffectiveDate',
  'Id',
]);

/** The content of the files of a mirror, by what identifies members. Some 30 bytes a member. */
export class MirrorContent {
  readonly identifier: string;
  readonly #salt: number;
  readonly #paths: string[] = [];
  readonly #keys = new KeyTable();
  readonly #contentLow = new Numbers();
  readonly #contentHigh = new Numbers();
  readonly #lines = new Numbers();
  readonly #files = new Numbers();
  /** The attributes of the record, as an index into `#sets`; `several` where the files have the member more than once. */
  readonly #attributes = new Numbers();
  readonly #sets: ReadonlySet<string>[] = [];
  readonly #setIds = new Map<string, number>();
  readonly #names = new Map<string, Name>();
  /** Records of a member that an earlier record has, too. */
  repeated = 0;

  /** Throws `bad-input` where records lack the identifier, and what `readRecords` throws. */
  static async read(
    paths: readonly string[],
    identifier: string,
    salt: number,
    signal?: AbortSignal,
  ): Promise<MirrorContent> {
    const content = new MirrorContent(identifier, salt);
    for (const path of paths) await content.#take(path, signal);
    if (content.size === 0) {
      throw new AudienceError('bad-input', 'The files of the mirror have no records', {
        help: 'A segment cannot be emptied by an import: delete the segment, or mend the files.',
      });
    }
    return content;
  }

  private constructor(identifier: string, salt: number) {
    this.identifier = identifier;
    this.#salt = salt;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** What became of the audience since it was mirrored last. */
  since(state: MirrorState): MirrorDifference {
    const { members } = state;
    const seen = new Uint8Array(this.size);
    const counts = { added: 0, changed: 0, removed: 0, unchanged: 0 };
    const changed: Sample[] = [];
    const key = new Hash();
    for (let at = 0; at < members.length; at += 4) {
      key.low = members[at]!;
      key.high = members[at + 1]!;
      const member = this.#keys.find(key);
      if (member < 0) {
        counts.removed++;
        continue;
      }
      seen[member] = 1;
      const isSame =
        this.#contentLow.get(member) === members[at + 2] && this.#contentHigh.get(member) === members[at + 3];
      counts[isSame ? 'unchanged' : 'changed']++;
      if (!isSame && changed.length < mostSamples) changed.push(this.#sample(member));
    }
    const added = this.#unseen(seen);
    return { ...counts, added: added.count, samples: { added: added.samples, changed, removed: undefined } };
  }

  /**
   * How the audience differs from what an export tells of a segment. Of a member only those attributes count that its record in the
   * files has, since an import leaves the others. By `User.UserId` a member is a user with any number of endpoints, so that only
   * membership is compared.
   */
  async against(exported: readonly string[], signal?: AbortSignal): Promise<MirrorDifference> {
    const seen = new Uint8Array(this.size);
    const extra = new KeyTable();
    const removed: string[] = [];
    const changed: Sample[] = [];
    let changes = 0;
    const key = new Hash();
    for (const path of exported) {
      for await (const record of recordsOf(path, signal)) {
        // What has no identifier is a member all the same, and none of the files'.
        const has = this.#readKey(record, key);
        if (!has)
          key
            .reset(this.#salt)
            .add('')
            .add(record.values.get('Id')?.[0] ?? '')
            .finish();
        const member = has ? this.#keys.find(key) : -1;
        if (member < 0) {
          if (extra.find(key) >= 0) continue;
          extra.add(key);
          if (removed.length < mostSamples) removed.push(this.#keyText(record));
        } else if (seen[member] !== 2 && !this.#agrees(member, record)) {
          seen[member] = 2;
          changes++;
          if (changed.length < mostSamples) changed.push(this.#sample(member));
        } else seen[member] ||= 1;
      }
    }
    const added = this.#unseen(seen);
    return {
      added: added.count,
      changed: changes,
      removed: extra.size,
      unchanged: this.size - added.count - changes,
      samples: { added: added.samples, changed, removed },
    };
  }

  /** All of it is new. */
  fromNothing(): MirrorDifference {
    const { samples } = this.#unseen(new Uint8Array(this.size));
    const none = { changed: 0, removed: 0, unchanged: 0 };
    return { ...none, added: this.size, samples: { added: samples, changed: [], removed: [] } };
  }

  get state(): MirrorState {
    const members = new Int32Array(4 * this.size);
    for (let member = 0; member < this.size; member++) {
      const { low, high } = this.#keys.at(member);
      members.set([low, high, this.#contentLow.get(member), this.#contentHigh.get(member)], 4 * member);
    }
    return { salt: this.#salt, identifier: this.identifier, members };
  }

  async #take(path: string, signal: AbortSignal | undefined): Promise<void> {
    const file = this.#paths.push(path) - 1;
    const key = new Hash();
    const without: number[] = [];
    let missing = 0;
    for await (const record of recordsOf(path, signal)) {
      if (!this.#readKey(record, key)) {
        if (missing++ < 3) without.push(record.line);
        continue;
      }
      const known = this.#keys.find(key);
      const member = known < 0 ? this.#keys.add(key) : known;
      const content = this.#contentOf(record);
      // In a sum, the order of a member's records makes no difference.
      this.#contentLow.set(member, this.#contentLow.get(member) + content.low);
      this.#contentHigh.set(member, this.#contentHigh.get(member) + content.high);
      this.#attributes.set(member, known < 0 ? this.#setOf(record) : several);
      if (known >= 0) this.repeated++;
      else {
        this.#lines.set(member, record.line);
        this.#files.set(member, file);
      }
    }
    if (missing === 0) return;
    throw new AudienceError(
      'bad-input',
      `${missing} records have no ${this.identifier}, by which the mirror tells members apart: line ${without.join(', ')}${missing > 3 ? ', …' : ''}`,
      { help: 'Complete them, or choose another identifier.' },
    );
  }

  #agrees(member: number, record: EndpointRecord): boolean {
    const set = this.#attributes.get(member);
    if (set === several || this.identifier === 'User.UserId') return true;
    const { low, high } = this.#contentOf(record, this.#sets[set]);
    return this.#contentLow.get(member) === low && this.#contentHigh.get(member) === high;
  }

  #unseen(seen: Uint8Array): { readonly count: number; readonly samples: readonly Sample[] } {
    const samples: Sample[] = [];
    let count = 0;
    for (let member = 0; member < seen.length; member++) {
      if (seen[member] !== 0) continue;
      count++;
      if (samples.length < mostSamples) samples.push(this.#sample(member));
    }
    return { count, samples };
  }

  #sample(member: number): Sample {
    return { path: this.#paths[this.#files.get(member)]!, line: this.#lines.get(member) };
  }

  #keyPaths(): readonly string[] {
    return this.identifier === 'Address' ? ['ChannelType', 'Address'] : [this.identifier];
  }

  #readKey({ values }: EndpointRecord, key: Hash): boolean {
    key.reset(this.#salt);
    for (const path of this.#keyPaths()) {
      const value = values.get(path)?.[0];
      if (value === undefined) return false;
      // Ids are the same in any case (API Reference, Endpoint).
      key.add(path === 'Id' ? value.toLowerCase() : value);
    }
    key.finish();
    return true;
  }

  #keyText({ values }: EndpointRecord): string {
    const texts = this.#keyPaths().flatMap((path) => values.get(path)?.[0] ?? []);
    return texts.length > 0 ? texts.join(' ') : `Id ${values.get('Id')?.[0] ?? '?'}`;
  }

  #contentOf({ values }: EndpointRecord, only?: ReadonlySet<string>): { low: number; high: number } {
    const hash = new Hash();
    let low = 0;
    let high = 0;
    for (const [path, list] of values) {
      if (notCompared.has(path) || (only && !only.has(path))) continue;
      hash.reset(this.#salt).add(path);
      for (const value of meaning(this.#name(path), list)) hash.add(asStored(path, value));
      hash.finish();
      low = (low + hash.low) | 0;
      high = (high + hash.high) | 0;
    }
    return { low, high };
  }

  #setOf({ values }: EndpointRecord): number {
    const text = [...values.keys()].join('\n');
    let id = this.#setIds.get(text);
    if (id === undefined) {
      id = this.#sets.push(new Set(values.keys())) - 1;
      this.#setIds.set(text, id);
    }
    return id;
  }

  #name(path: string): Name {
    let name = this.#names.get(path);
    if (name === undefined) {
      name = nameOf(path);
      this.#names.set(path, name);
    }
    return name;
  }
}

const several = -1;

/** The service rounds coordinates to one decimal (API Reference, Location). */
function asStored(path: string, value: string): string {
  if (path !== 'Location.Latitude' && path !== 'Location.Longitude') return value;
  const number = Number(value);
  return Number.isNaN(number) ? value : String(Math.round(number * 10) / 10);
}

async function* recordsOf(path: string, signal: AbortSignal | undefined): AsyncGenerator<EndpointRecord> {
  const source = await Source.open(path, { signal });
  try {
    for await (const batch of readRecords(source, new Notes())) yield* batch;
    await source.assertUnchanged();
  } finally {
    await source.close();
  }
}
