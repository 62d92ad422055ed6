import type { Name } from './memberNames.ts';
import type { Notes } from './notes.ts';

/** An endpoint as its file describes it. */
export interface EndpointRecord {
  /** 1-based. */
  readonly line: number;
  /** Values by dotted path, one at least and none of them empty; numbers as they are written. What is absent, empty or null is not there. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** The values that an attribute can take of those that a record gives it. */
export function fitting(
  name: Name,
  values: readonly string[],
  line: number,
  notes: Notes,
): readonly string[] {
  if (name.type === 'strings' || values.length <= 1) return values;
  notes.add('values-surplus', line, name.path, values.length - 1);
  return values.slice(0, 1);
}

/** Notes that no import takes a value. */
export function noteStanding(name: Name, line: number, notes: Notes): void {
  notes.add(name.standing === 'unknown' ? 'unknown' : 'response-only-kept', line, name.path);
}
