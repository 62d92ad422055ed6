import type { FileType } from '../model/fileType.ts';

/**
 * What makes two records the same endpoint: `id`, the Id without regard to case (API Reference, Endpoint), or
 * `address`, channel and address together.
 */
export type Identity = 'id' | 'address';

/** One of the two files. */
export interface ComparedFile {
  readonly path: string;
  readonly type: FileType;
  readonly records: number;
  /** Records of an endpoint that an earlier line has, too: the last one counts. */
  readonly duplicates: Places;
  /** Records that have not what `by` asks for, and are left out. */
  readonly withoutKey: Places;
}

export interface Places {
  readonly count: number;
  /** The first ones. */
  readonly lines: readonly number[];
}

/** How often an attribute makes the difference. */
export interface AttributeChanges {
  readonly path: string;
  /** Only the later file has a value. */
  readonly added: number;
  /** Only the earlier file has a value. */
  readonly removed: number;
  /** Both have, and they differ. */
  readonly changed: number;
}

/** An endpoint that only one file has. Holds personal data: for the user's eyes, not for logs. */
export interface Example {
  /** Its Id, or its channel and address. */
  readonly key: string;
  readonly line: number;
}

/** An endpoint that differs. Holds personal data, too. */
export interface ChangedExample {
  readonly key: string;
  readonly lineBefore: number;
  readonly lineAfter: number;
  readonly differences: readonly {
    readonly path: string;
    /** Empty: no value. */
    readonly before: readonly string[];
    readonly after: readonly string[];
  }[];
}

/** What is different in the later of two files. Counts are of endpoints. */
export interface Comparison {
  readonly by: Identity;
  readonly before: ComparedFile;
  readonly after: ComparedFile;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly unchanged: number;
  /** By attribute, the most frequent first. */
  readonly attributes: readonly AttributeChanges[];
  /** How many of the changed endpoints `attributes` counts: all, unless there are very many. */
  readonly attributesOf: number;
  /**
   * Attributes that were left out: those that the caller named; those that exports hold and imports do not read; by
   * `address` the Id; and EffectiveDate, which the service fills in, where one file is an export and the first 1000
   * records of the other have none.
   */
  readonly ignored: readonly string[];
  /** Values that count as none: where one file is an export, `NONE` of OptOut, which the service fills in. */
  readonly assumed: readonly { readonly path: string; readonly value: string }[];
  /** The first ones of each kind, in the order of their file. */
  readonly examples: {
    readonly added: readonly Example[];
    readonly removed: readonly Example[];
    readonly changed: readonly ChangedExample[];
  };
}

/** How two files are compared. */
export interface Terms {
  readonly by: Identity;
  readonly ignored: ReadonlySet<string>;
  /** Values that count as none, by path. */
  readonly assumed: ReadonlyMap<string, string>;
  readonly maxExamples: number;
}
