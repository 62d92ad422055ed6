import type { Attribute } from '../../model/attributes.ts';
import * as abi from '../abi.ts';

/** What the engine offers for counting: see src/endpoints/engine/statistics.ts. Globals are addresses and counts. */
export interface CountingExports {
  readonly countedRecords: { value: number };
  readonly userCountsAt: { value: number };
  addStatistic(kind: number, limit: number, near: number, texts: number): number;
  countUsers(): void;
  countValues(): void;
  setCounting(on: boolean): void;
  setStatistic(columnIndex: number, statistic: number): void;
  valuesAreFull(): number;
}

/** What one worker counted of one attribute. Counts of several workers add up: see profile.ts. */
export interface AttributeCounts {
  /** Dotted path, the custom name included. */
  readonly path: string;
  /** Records that have it, with a value of whatever type. */
  readonly filled: number;
  /** Values of the right type. */
  readonly values: number;
  /** Characters (Unicode code points) of the longest value. */
  readonly longest: number;
  /** Values that have nine tenths of the characters that they may have, or more, and values that have too many. */
  readonly near: number;
  readonly over: number;
  /** Distinct values by their hashes, how often each of them occurred, and some of them as text. */
  readonly hashes: BigUint64Array;
  readonly counts: Uint32Array;
  readonly texts: readonly (string | undefined)[];
  /** Where there are too many to count one by one: the registers of a HyperLogLog with all of them. */
  readonly registers: Uint8Array | undefined;
  /** Of attributes that are numbers: those that could be read as such. */
  readonly numbers: {
    readonly count: number;
    readonly least: number;
    readonly most: number;
    readonly sum: number;
  };
}

/** What one worker counted of a file. */
export interface Counts {
  /** Records whose values could be read. */
  readonly records: number;
  readonly attributes: readonly AttributeCounts[];
  /** Names that there was no room for. */
  readonly left: readonly string[];
  /** True where there were so many names that not even the names are known of all. */
  readonly unnamed: boolean;
  /** Users by how many endpoints they have in the file; from the worker that judged the end of it. */
  readonly users: UserCounts | undefined;
}

export interface UserCounts {
  /** How many users have one endpoint, two, … fifteen, and sixteen or more. */
  readonly byEndpoints: readonly number[];
  /** False where there were too many users to remember all of them. */
  readonly complete: boolean;
}

/** Attributes whose values are kept as text however many there are: those that have few possible values. */
const listed: ReadonlySet<string> = new Set([
  'ChannelType',
  'Demographic.AppVersion',
  'Demographic.Locale',
  'Demographic.Make',
  'Demographic.Model',
  'Demographic.Platform',
  'Demographic.PlatformVersion',
  'Demographic.Timezone',
  'EndpointStatus',
  'Location.Country',
  'OptOut',
]);

/** Attributes of the service itself have room whatever custom ones a file has. */
const maxCustom = abi.maxStatistics - 32;

/** A value of so many characters or more is near a limit. */
export function nearLimit(limit: number): number {
  return Math.ceil(0.9 * limit);
}

/** As good as no limit. */
const most = 0x7fffffff;

/** Has the engine count what values are like, and reads what it counted. */
export class Statistics {
  readonly #exports: CountingExports;
  readonly #memory: Uint8Array;
  readonly #words: DataView;
  readonly #statistics = new Map<string, number>();
  readonly #left = new Set<string>();
  #unnamed = false;
  #custom = 0;
  #on = false;

  constructor(exports: CountingExports, memory: Uint8Array) {
    this.#exports = exports;
    this.#memory = memory;
    this.#words = new DataView(memory.buffer);
  }

  /** Begins a file; where `on` is false, nothing is counted in it. */
  begin(on: boolean): void {
    this.#on = on;
    this.#statistics.clear();
    this.#left.clear();
    this.#custom = 0;
    this.#unnamed = false;
    this.#exports.setCounting(on);
  }

  /** Makes known what a column holds. `attribute`: undefined where its values are not counted. `isOne`: false where it holds several of which `path` is one. */
  setColumn(columnIndex: number, path: string, attribute: Attribute | undefined, isOne = true): void {
    if (!this.#on) return;
    let statistic = 0;
    if (attribute !== undefined) {
      if (isOne) statistic = this.#statistics.get(path) ?? this.#add(path, attribute);
      else this.#unnamed = true;
      if (statistic === 0) this.#left.add(path);
      else this.#statistics.set(path, statistic);
    }
    this.#exports.setStatistic(columnIndex, statistic);
  }

  #add(path: string, { path: family, type, format, maxLength }: Attribute): number {
    const isCustom = family.endsWith('.*');
    if (isCustom && this.#custom === maxCustom) return 0;
    if (isCustom) this.#custom++;
    const kind = kindOf(type, format);
    const texts = listed.has(path) ? abi.manyTexts : isCustom && type !== 'number' ? abi.fewTexts : 0;
    const near = maxLength === undefined ? most : nearLimit(maxLength);
    return this.#exports.addStatistic(kind, maxLength ?? most, near, texts);
  }

  /** Counts the values of the records that were read since it was last called. */
  countValues(): void {
    if (this.#on) this.#exports.countValues();
  }

  /** True where `countValues` has to be called before more is read. */
  get isFull(): boolean {
    return this.#on && this.#exports.valuesAreFull() !== 0;
  }

  /** What was counted; `undefined` where nothing was to be. `isEnd`: this worker applied the rules across records. */
  take(isEnd: boolean): Counts | undefined {
    if (!this.#on) return undefined;
    return {
      records: this.#exports.countedRecords.value,
      attributes: [...this.#statistics].map(([path, at]) => this.#countsAt(path, at)),
      left: [...this.#left],
      unnamed: this.#unnamed,
      users: isEnd ? this.#takeUsers() : undefined,
    };
  }

  #countsAt(path: string, at: number): AttributeCounts {
    const whole = (field: number): number => this.#words.getUint32(at + field, true);
    const float = (field: number): number => this.#words.getFloat64(at + field, true);
    const hashes: bigint[] = [];
    const counts: number[] = [];
    const texts: (string | undefined)[] = [];
    const table = whole(abi.statisticTable);
    for (let place = 0; place <= whole(abi.statisticMask); place++) {
      const entry = table + place * abi.statisticEntryBytes;
      const hash = this.#words.getBigUint64(entry, true);
      if (hash === 0n) continue;
      hashes.push(hash);
      counts.push(this.#words.getUint32(entry + 8, true));
      texts.push(this.#text(whole(abi.statisticTexts), this.#words.getUint32(entry + 12, true)));
    }
    const registers = whole(abi.statisticRegisters);
    return {
      path,
      filled: whole(abi.statisticFilled),
      values: whole(abi.statisticFilled) + whole(abi.statisticMore) - whole(abi.statisticWrong),
      longest: whole(abi.statisticLongest),
      near: whole(abi.statisticNearCount),
      over: whole(abi.statisticOver),
      hashes: BigUint64Array.from(hashes),
      counts: Uint32Array.from(counts),
      texts,
      registers:
        whole(abi.statisticEstimates) === 1
          ? new Uint8Array(this.#memory.subarray(registers, registers + abi.registerCount))
          : undefined,
      numbers: {
        count: whole(abi.statisticNumbers),
        least: float(abi.statisticMin),
        most: float(abi.statisticMax),
        sum: float(abi.statisticSum) + float(abi.statisticCompensation),
      },
    };
  }

  #text(texts: number, number: number): string | undefined {
    if (number === 0) return undefined;
    const at = texts + (number - 1) * abi.statisticTextBytes;
    // What is shared between threads has to be copied before it is decoded.
    return new TextDecoder().decode(this.#memory.slice(at + 1, at + 1 + this.#memory[at]!));
  }

  #takeUsers(): UserCounts {
    this.#exports.countUsers();
    const at = this.#exports.userCountsAt.value;
    const byEndpoints = Array.from({ length: abi.userCounts - 1 }, (_, index) =>
      this.#words.getUint32(at + 4 * (index + 1), true),
    );
    return { byEndpoints, complete: true };
  }
}

function kindOf(type: Attribute['type'], format: Attribute['format']): number {
  if (type === 'number') return format === 'number' ? abi.statisticOfNumbers : abi.statisticOfCoordinates;
  return format === 'id' ? abi.statisticOfIds : abi.statisticOfTexts;
}
