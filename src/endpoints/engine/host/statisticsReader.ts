import type { Attribute } from '../../model/attributes.ts';
import { compareDecimals, extremeOf } from '../../model/decimals.ts';
import * as abi from '../abi.ts';

/** The engine's exports for statistics: see src/endpoints/engine/statistics.ts. Globals are addresses and counts. */
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

/** One worker's statistics of one attribute. Those of several workers are added up in profile.ts. */
export interface AttributeCounts {
  /** Dotted path, including the custom name. */
  readonly path: string;
  /** Records with a value, of whatever type. */
  readonly filled: number;
  /** Values of the right type. */
  readonly values: number;
  /** Characters (Unicode code points) of the longest value. */
  readonly longest: number;
  /** Values with at least nine tenths of the allowed characters, and values with too many. */
  readonly near: number;
  readonly over: number;
  /** Distinct values by their hashes, the number of occurrences of each, and the text of some. */
  readonly hashes: BigUint64Array;
  readonly counts: Uint32Array;
  readonly texts: readonly (string | undefined)[];
  /** If there are too many to count individually: the registers of a HyperLogLog of all. */
  readonly registers: Uint8Array | undefined;
  /** For numeric attributes: the values that are numbers. */
  readonly numbers: {
    readonly count: number;
    /** As decimal text with all digits; absent if there are none. */
    readonly min: string | undefined;
    readonly max: string | undefined;
    /** In units of 2^-1075: see `meanOf`. */
    readonly sum: bigint;
  };
}

/** One worker's statistics of a file. */
export interface Counts {
  /** Records whose values could be read. */
  readonly records: number;
  readonly attributes: readonly AttributeCounts[];
  /** Names without statistics for lack of room. */
  readonly left: readonly string[];
  /** True if there were too many names to list all of these. */
  readonly unnamed: boolean;
  /** Users by number of endpoints in the file; only from the worker that finished it. */
  readonly users: UserCounts | undefined;
}

export interface UserCounts {
  /** The number of users with one endpoint, two, … fifteen, and sixteen or more. */
  readonly byEndpoints: readonly number[];
  /** False if there were too many users to count all. */
  readonly complete: boolean;
}

/** Attributes with few possible values, which are kept as text however many there are. */
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

/** The service's own attributes always have room, however many custom ones there are. */
const maxCustom = abi.maxStatistics - 32;

/** The number of characters from which on a value is near a limit. */
export function nearLimit(limit: number): number {
  return Math.ceil(0.9 * limit);
}

/** In effect, no limit. */
const noLimit = 0x7fffffff;

/** Configures the engine's statistics, and reads them. */
export class Statistics {
  readonly #exports: CountingExports;
  readonly #memory: Uint8Array;
  readonly #words: DataView;
  readonly #statistics = new Map<string, number>();
  readonly #left = new Set<string>();
  /** The extremes of the numbers that the engine can't read, by statistic. */
  readonly #extremes = new Map<number, { min: string; max: string }>();
  #unnamed = false;
  #custom = 0;
  #on = false;

  constructor(exports: CountingExports, memory: Uint8Array) {
    this.#exports = exports;
    this.#memory = memory;
    this.#words = new DataView(memory.buffer);
  }

  /** Starts a file; if `on` is false, nothing is counted. */
  begin(on: boolean): void {
    this.#on = on;
    this.#statistics.clear();
    this.#left.clear();
    this.#extremes.clear();
    this.#custom = 0;
    this.#unnamed = false;
    this.#exports.setCounting(on);
  }

  /**
   * Sets what a column holds. `attribute`: undefined if its values aren't counted. `isOne`: false if `path` is just one of
   * several that it holds.
   */
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
    const near = maxLength === undefined ? noLimit : nearLimit(maxLength);
    return this.#exports.addStatistic(kind, maxLength ?? noLimit, near, texts);
  }

  /** The number of a decimal that the engine can't read, rounded once. */
  readNumber(statistic: number, text: string): number {
    const number = Number(text);
    const known = this.#extremes.get(statistic);
    if (!Number.isFinite(number)) return number;
    if (known === undefined) this.#extremes.set(statistic, { min: text, max: text });
    else if (compareDecimals(text, known.min) < 0) known.min = text;
    else if (compareDecimals(text, known.max) > 0) known.max = text;
    return number;
  }

  /** Counts the values of the records read since the last call. */
  countValues(): void {
    if (this.#on) this.#exports.countValues();
  }

  /** True if `countValues` must be called before reading more. */
  get isFull(): boolean {
    return this.#on && this.#exports.valuesAreFull() !== 0;
  }

  /** The statistics; `undefined` if none were requested. `isEnd`: this worker applied the rules across records. */
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
        min: this.#extreme(at, 'min', float(abi.statisticMin)),
        max: this.#extreme(at, 'max', float(abi.statisticMax)),
        sum: this.#sum(whole(abi.statisticSum)),
      },
    };
  }

  /** `short`: the extreme of the numbers that the engine read, which have few enough digits to be exact; infinite if there are none. */
  #extreme(at: number, which: 'min' | 'max', short: number): string | undefined {
    const long = this.#extremes.get(at)?.[which];
    return extremeOf([...(Number.isFinite(short) ? [String(short)] : []), ...(long ? [long] : [])], which);
  }

  #sum(at: number): bigint {
    if (at === 0) return 0n;
    let sum = 0n;
    for (let digit = abi.sumDigits - 1; digit >= 0; digit--) {
      sum = (sum << 32n) + this.#words.getBigInt64(at + 8 * digit, true);
    }
    return sum;
  }

  #text(texts: number, number: number): string | undefined {
    if (number === 0) return undefined;
    const at = texts + (number - 1) * abi.statisticTextBytes;
    // Shared memory must be copied before it is decoded.
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
