import { AudienceError } from '../../errors.ts';
import { responseOnly } from '../../endpoints/model/attributes.ts';
import { Hash, KeyTable, Numbers } from '../../endpoints/transform/keyTable.ts';
import { canonicalValues } from '../../endpoints/transform/attributeHashes.ts';
import { nameOf, type Name } from '../../endpoints/transform/memberNames.ts';
import { Notes } from '../../endpoints/transform/notes.ts';
import type { EndpointRecord } from '../../endpoints/transform/endpointRecord.ts';
import { readRecords } from '../../endpoints/transform/recordBatches.ts';
import { Source, type SourceOptions } from '../../endpoints/transform/source.ts';

/** How members differ. Samples are lines of the files, or the identifier of members that only the segment has: for display only. */
export interface MirrorDifference {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /**
   * Members of the segment that aren't in the files, but whose users are: the service makes all endpoints of a listed user members
   * (User Guide, segments-importing). 0 if the files weren't compared with an export.
   */
  readonly companions: number;
  readonly samples: {
    readonly added: readonly Sample[];
    readonly changed: readonly Sample[];
    /** `undefined` if only their hashes are known. */
    readonly removed: readonly string[] | undefined;
  };
}

/** The position of a member in the files. */
export interface Sample {
  readonly path: string;
  readonly line: number;
}

/** The recorded state of an audience: two salted hashes per member. No row content. */
export interface MirrorState {
  readonly salt: number;
  readonly identifier: string;
  /** Four 32-bit numbers per member: the hashes of its key and its content. */
  readonly members: Int32Array;
}

const maxSamples = 20;
/** Attributes that only the service writes, or that it rewrites with every import. */
const notCompared: ReadonlySet<string> = new Set([
  ...responseOnly.map(({ path }) => path),
  'EffectiveDate',
  'Id',
]);

/** The content of the files of a mirror, by the identifier of members. Takes about 40 bytes per member and 20 per user. */
export class MirrorContent {
  readonly identifier: string;
  readonly #salt: number;
  readonly #paths: string[] = [];
  readonly #keys = new KeyTable();
  readonly #contentLow = new Numbers();
  readonly #contentHigh = new Numbers();
  readonly #lines = new Numbers();
  readonly #files = new Numbers();
  /** The attributes of the record, as an index into `#sets`; `several` if the files have the member more than once. */
  readonly #attributes = new Numbers();
  /** Each a string of the attributes' characters: files with many empty cells have almost as many sets as records. */
  readonly #sets: string[] = [];
  readonly #setIds = new Map<string, number>();
  readonly #names = new Map<string, KnownName>();
  readonly #users = new KeyTable();
  /** Number of records whose member an earlier record has. */
  repeated = 0;

  /** Throws `bad-input` if records lack the identifier, and what `readRecords` throws. */
  static async read(
    paths: readonly string[],
    identifier: string,
    salt: number,
    options: ReadOptions = {},
  ): Promise<MirrorContent> {
    const content = new MirrorContent(identifier, salt);
    for (const path of paths) await content.#take(path, options);
    if (content.size === 0) {
      throw new AudienceError('bad-input', 'The files of the mirror have no records', {
        help: "An import can't empty a segment. Delete the segment, or fix the files.",
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

  /** The changes since the last mirrored state. */
  since(state: MirrorState): MirrorDifference {
    const { members } = state;
    const seen = new Uint8Array(this.size);
    const counts = { changed: 0, removed: 0, unchanged: 0, companions: 0 };
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
      if (!isSame && changed.length < maxSamples) changed.push(this.#sample(member));
    }
    const added = this.#unseen(seen);
    return { ...counts, added: added.count, samples: { added: added.samples, changed, removed: undefined } };
  }

  /**
   * Compares the files with an export of a segment. Only the attributes in the files are compared, because an import keeps the others.
   * With `User.UserId`, a member is a user with any number of endpoints, so only membership is compared.
   */
  async against(exported: readonly string[], signal?: AbortSignal): Promise<MirrorDifference> {
    const seen = new Uint8Array(this.size);
    const extra = new KeyTable();
    const removed: string[] = [];
    const changed: Sample[] = [];
    let changes = 0;
    let companions = 0;
    const key = new Hash();
    const user = new Hash();
    for (const path of exported) {
      for await (const record of recordsOf(path, { signal })) {
        // A member without an identifier is in no file.
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
          if (this.#readUser(record, user) && this.#users.find(user) >= 0) companions++;
          else if (removed.length < maxSamples) removed.push(this.#keyText(record));
        } else if (seen[member] !== 2 && !this.#agrees(member, record)) {
          seen[member] = 2;
          changes++;
          if (changed.length < maxSamples) changed.push(this.#sample(member));
        } else seen[member] ||= 1;
      }
    }
    const added = this.#unseen(seen);
    return {
      added: added.count,
      changed: changes,
      removed: extra.size - companions,
      companions,
      unchanged: this.size - added.count - changes,
      samples: { added: added.samples, changed, removed },
    };
  }

  /** The difference if the segment doesn't exist yet. */
  fromNothing(): MirrorDifference {
    const { samples } = this.#unseen(new Uint8Array(this.size));
    const none = { changed: 0, removed: 0, unchanged: 0, companions: 0 };
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

  async #take(path: string, options: ReadOptions): Promise<void> {
    const file = this.#paths.push(path) - 1;
    const key = new Hash();
    const user = new Hash();
    const without: number[] = [];
    let missing = 0;
    for await (const record of recordsOf(path, options)) {
      if (!this.#readKey(record, key)) {
        if (missing++ < 3) without.push(record.line);
        continue;
      }
      if (this.#readUser(record, user) && this.#users.find(user) < 0) this.#users.add(user);
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
      `${missing === 1 ? '1 record has' : `${missing} records have`} no ${this.identifier}, which identifies members: ${missing === 1 ? 'line' : 'lines'} ${without.join(', ')}${missing > 3 ? ', …' : ''}`,
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
      if (samples.length < maxSamples) samples.push(this.#sample(member));
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

  /** The user of a record; false if the user is the identifier, or there is none. */
  #readUser({ values }: EndpointRecord, user: Hash): boolean {
    const id = this.identifier === 'User.UserId' ? undefined : values.get('User.UserId')?.[0];
    if (id === undefined) return false;
    user.reset(this.#salt).add(id).finish();
    return true;
  }

  #keyText({ values }: EndpointRecord): string {
    const texts = this.#keyPaths().flatMap((path) => values.get(path)?.[0] ?? []);
    return texts.length > 0 ? texts.join(' ') : `Id ${values.get('Id')?.[0] ?? '?'}`;
  }

  #contentOf({ values }: EndpointRecord, only?: string): { low: number; high: number } {
    const hash = new Hash();
    let low = 0;
    let high = 0;
    for (const [path, list] of values) {
      if (notCompared.has(path)) continue;
      const { name, character } = this.#name(path);
      if (only !== undefined && !only.includes(character)) continue;
      hash.reset(this.#salt).add(path);
      for (const value of canonicalValues(name, list)) hash.add(asStored(path, value));
      hash.finish();
      low = (low + hash.low) | 0;
      high = (high + hash.high) | 0;
    }
    return { low, high };
  }

  #setOf({ values }: EndpointRecord): number {
    let set = '';
    for (const path of values.keys()) set += this.#name(path).character;
    let id = this.#setIds.get(set);
    if (id === undefined) {
      id = this.#sets.push(set) - 1;
      this.#setIds.set(set, id);
    }
    return id;
  }

  #name(path: string): KnownName {
    let known = this.#names.get(path);
    if (known === undefined) {
      if (this.#names.size >= maxNames) {
        throw new AudienceError('bad-input', `The files have more than ${maxNames} different attributes`, {
          help: 'Check that they are endpoint files.',
        });
      }
      known = { name: nameOf(path), character: String.fromCharCode(1 + this.#names.size) };
      this.#names.set(path, known);
    }
    return known;
  }
}

/** An attribute, and the character that represents it in a set. */
interface KnownName {
  readonly name: Name;
  readonly character: string;
}

/** Each character is one code unit and no surrogate. */
const maxNames = 20_000;

const several = -1;

/** User Guide, segments-importing. */
const renamedTimezones: ReadonlyMap<string, string> = new Map([
  ['Canada/East-Saskatchewan', 'America/Managua'],
  ['US/Pacific-New', 'America/Los_Angeles'],
]);

/** The service renames two time zones, and rounds coordinates to one decimal (API Reference, Location). */
function asStored(path: string, value: string): string {
  if (path === 'Demographic.Timezone') return renamedTimezones.get(value) ?? value;
  if (path !== 'Location.Latitude' && path !== 'Location.Longitude') return value;
  const number = Number(value);
  return Number.isNaN(number) ? value : String(Math.round(number * 10) / 10);
}

type ReadOptions = Pick<SourceOptions, 'signal' | 'unzipLimit'>;

async function* recordsOf(path: string, options: ReadOptions): AsyncGenerator<EndpointRecord> {
  const source = await Source.open(path, options);
  try {
    for await (const batch of readRecords(source, new Notes())) yield* batch;
    await source.assertUnchanged();
  } finally {
    await source.close();
  }
}
