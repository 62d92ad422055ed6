import { constants, writeSync } from 'node:fs';
import fs from 'node:fs/promises';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

/**
 * Counts the moments before and after everything that this process does outside of itself, and ends it, as a crash would, in one of
 * them: each file that is made, renamed, linked or removed, each request that changes something or fetches an object, before it
 * is sent, when it is sent, and when the answer is there. The product knows nothing of it.
 *
 * @param killAt the number of the moment, from 1; 0 for none
 * @param freezes the process stands still in that moment, until somebody wakes it, instead of being ended
 * @returns how many there were so far
 */
export function installKillPoints(killAt: number, freezes: boolean): () => number {
  let count = 0;
  const pass = (what: string): void => {
    count += 1;
    if (count !== killAt) return;
    writeSync(1, `${freezes ? 'frozen' : 'killed'} ${what}\n`);
    if (freezes) {
      process.kill(process.pid, 'SIGSTOP');
      return;
    }
    process.kill(process.pid, 'SIGKILL');
    for (;;);
  };
  watchFiles(pass);
  watchRequests(pass);
  return () => count;
}

type Pass = (what: string) => void;
type Work = (...given: readonly unknown[]) => Promise<unknown>;

function watchFiles(pass: Pass): void {
  const changing = {
    rename: () => true,
    link: () => true,
    rm: () => true,
    writeFile: () => true,
    mkdtemp: () => true,
    open: (flags: unknown) =>
      typeof flags === 'number'
        ? (flags & constants.O_WRONLY) !== 0
        : typeof flags === 'string' && flags !== 'r',
  };
  const table = fs as unknown as Record<string, Work>;
  for (const [name, changes] of Object.entries(changing)) {
    const original = table[name]!;
    table[name] = async (...given) => {
      if (!changes(given[1])) return original(...given);
      const what = `${name} ${basename(String(given[0]))}`;
      pass(`before ${what}`);
      const result = await original(...given);
      pass(`after ${what}`);
      return result;
    };
  }
  syncBuiltinESMExports();
}

function watchRequests(pass: Pass): void {
  const watched = http.ClientRequest.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the request it is of
  const { end, emit } = watched;
  const changes = ({ method, path }: http.ClientRequest): boolean =>
    method !== 'HEAD' && (method !== 'GET' || /\.gz(\?|$)/.test(path));
  const nameOf = ({ method, path }: http.ClientRequest): string =>
    `${method} ${path.replace(/[0-9a-f]{32}/g, '…').slice(0, 60)}`;
  watched.end = function (this: http.ClientRequest, ...given: unknown[]): http.ClientRequest {
    if (!changes(this)) return end.apply(this, given as Parameters<typeof end>);
    pass(`before ${nameOf(this)}`);
    this.once('finish', () => pass(`on sending ${nameOf(this)}`));
    return end.apply(this, given as Parameters<typeof end>);
  };
  watched.emit = function (this: http.ClientRequest, event: string | symbol, ...given: unknown[]): boolean {
    if (event === 'response' && changes(this)) pass(`with the answer to ${nameOf(this)}`);
    return emit.call(this, event, ...given);
  } as typeof emit;
}
