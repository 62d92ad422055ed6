import type { RemoteChange } from '../../host/audiencePlaces.ts';

/** What the service holds of one document. */
export interface RemoteVersion {
  readonly text: string;
  /** Another where the service has something newer. */
  readonly stamp: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** What stands behind one document. */
export interface RemoteFile {
  /** What the service has now. */
  read(): Promise<RemoteVersion>;
  /**
   * What saving `text` would do, where `before` is what the person began with; `undefined`: nothing is different.
   * Throws `bad-input` for text that cannot be saved. Absent where nothing can be saved.
   */
  plan?(before: RemoteVersion, text: string): RemoteChange | undefined | Promise<RemoteChange | undefined>;
  /** What edits that began with `began` are compared with, once the person saw `now`; `now` itself where absent. */
  seen?(began: RemoteVersion, now: RemoteVersion): RemoteVersion;
}

/** JSON as all these documents have it. */
export function textOf(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Milliseconds since 1970 of a moment in ISO 8601; 0 for none. */
export function momentOf(iso: string | undefined): number {
  const time = Date.parse(iso ?? '');
  return Number.isNaN(time) ? 0 : time;
}
