import type { Name } from './memberNames.ts';
import type { Notes } from './notes.ts';

/** An endpoint as its file describes it. */
export interface EndpointRecord {
  /** 1-based. */
  readonly line: number;
  /** Values by dotted path, numbers as written. Absent, empty and null values have no entry; lists are never empty. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Those of a record's values that its attribute can hold. */
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

/** Notes that imports don't accept a value. */
export function noteStatus(name: Name, line: number, notes: Notes): void {
  notes.add(name.status === 'unknown' ? 'unknown' : 'response-only-kept', line, name.path);
}
