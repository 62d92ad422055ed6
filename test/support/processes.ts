import { readdir, readFile } from 'node:fs/promises';

/** True where `processesMarked` can tell. */
export const canTellProcesses = process.platform === 'linux';

/** The command lines of all processes that have, or inherited, a word in their environment. */
export async function processesMarked(mark: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      try {
        const environment = await readFile(`/proc/${id}/environ`, 'utf8');
        return environment.includes(mark)
          ? (await readFile(`/proc/${id}/cmdline`, 'utf8')).replaceAll('\0', ' ')
          : '';
      } catch {
        // It ended while we looked, or is none of our business.
        return '';
      }
    }),
  );
  return found.filter((command) => command !== '');
}
