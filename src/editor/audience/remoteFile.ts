import type { RemoteChange } from '../../host/audiencePlaces.ts';

/** A document as it is in the service. */
export interface RemoteVersion {
  readonly text: string;
  /** Differs if the service has a newer version. */
  readonly stamp: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** Reads and saves a document. */
export interface RemoteFile {
  /** The current version in the service. */
  read(): Promise<RemoteVersion>;
  /**
   * What saving `text` would do, with `before` as the base of the edits; `undefined` if nothing differs.
   * Throws `bad-input` for text that can't be saved. Absent for read-only documents.
   */
  plan?(before: RemoteVersion, text: string): RemoteChange | undefined | Promise<RemoteChange | undefined>;
  /** The new base of edits that are based on `began`, once the person saw `now`. By default `now` itself. */
  seen?(began: RemoteVersion, now: RemoteVersion): RemoteVersion;
}

/** The JSON of a document. */
export function textOf(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** An ISO 8601 timestamp in milliseconds since 1970; 0 if absent or invalid. */
export function momentOf(iso: string | undefined): number {
  const time = Date.parse(iso ?? '');
  return Number.isNaN(time) ? 0 : time;
}
