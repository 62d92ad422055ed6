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
  /** Records whose endpoint occurs on an earlier line: the last record counts. */
  readonly duplicates: Places;
  /** Records without the key that `by` requires, which are skipped. */
  readonly withoutKey: Places;
}

export interface Places {
  readonly count: number;
  /** The first ones. */
  readonly lines: readonly number[];
}

/** How often an attribute differs. */
export interface AttributeChanges {
  readonly path: string;
  /** Only the later file has a value. */
  readonly added: number;
  /** Only the earlier file has a value. */
  readonly removed: number;
  /** Both files have values, and they differ. */
  readonly changed: number;
}

/** An endpoint that only one file has. Holds personal data: show it to the user, never log it. */
export interface Example {
  /** Its Id, or its channel and address. */
  readonly key: string;
  readonly line: number;
}

/** An endpoint that differs. Holds personal data. */
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

/** How the later of two files differs. Counts are of endpoints. */
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
  /** How many changed endpoints `attributes` covers: all, unless there are very many. */
  readonly attributesOf: number;
  /**
   * Ignored attributes: those that the caller named; export-only ones; the Id, if `by` is `address`; and EffectiveDate,
   * which the service sets, if one file is an export and the first 1000 records of the other have none.
   */
  readonly ignored: readonly string[];
  /** Values that count as absent: if one file is an export, OptOut `NONE`, which the service sets. */
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
  /** Values that count as absent, by path. */
  readonly assumed: ReadonlyMap<string, string>;
  readonly maxExamples: number;
}
