import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Lets one step of this process stand still, as if the process were suspended there: the next `link` that gives a file a name for
 * which `isWanted` is true waits until `goOn` is called.
 */
export function standStillBefore(isWanted: (path: string) => boolean): {
  /** Resolves when the step is reached. */
  readonly reached: Promise<void>;
  readonly goOn: () => void;
} {
  let reach!: () => void;
  let goOn!: () => void;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const allowed = new Promise<void>((resolve) => (goOn = resolve));
  const original = fs.link;
  const restore = (): void => {
    fs.link = original;
    syncBuiltinESMExports();
  };
  fs.link = async (existing, name) => {
    if (isWanted(String(name))) {
      restore();
      reach();
      await allowed;
    }
    return original(existing, name);
  };
  syncBuiltinESMExports();
  return { reached, goOn };
}
