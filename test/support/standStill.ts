import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Lets one step of this process stand still, as if the process were suspended there: the next `link` that gives a file a name, or the next
 * `rm` of one, for which `isWanted` is true waits until `goOn` is called.
 */
export function standStillBefore(
  isWanted: (path: string) => boolean,
  step: 'link' | 'rm' = 'link',
): {
  /** Resolves when the step is reached. */
  readonly reached: Promise<void>;
  readonly goOn: () => void;
} {
  let reach!: () => void;
  let goOn!: () => void;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const allowed = new Promise<void>((resolve) => (goOn = resolve));
  const table = fs as unknown as Record<string, (...given: readonly unknown[]) => Promise<void>>;
  const original = table[step]!;
  const restore = (): void => {
    table[step] = original;
    syncBuiltinESMExports();
  };
  table[step] = async (...given) => {
    if (isWanted(String(given[step === 'link' ? 1 : 0]))) {
      restore();
      reach();
      await allowed;
    }
    return original(...given);
  };
  syncBuiltinESMExports();
  return { reached, goOn };
}
