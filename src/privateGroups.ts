import { execFile } from 'node:child_process';
import type { Stats } from 'node:fs';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

/*
 * Who a folder's group bits let write to it. With a umask of 002, these are set for a user's private group, which has the same number as
 * the user and no other members. But they are also all that shows of an access control list, and private groups can be given members.
 * Node.js reads neither, so the system's own programs are asked.
 */

const run = promisify(execFile);
const options = { env: { ...process.env, LC_ALL: 'C' }, timeout: 5000 };

/** By path, with the time of its last change. */
const known = new Map<string, { readonly ctimeMs: number; readonly isShared: Promise<boolean> }>();

/**
 * True if users other than its owner can write to a folder whose group bits allow that. False if that is unknown: without the programs
 * `ls` of GNU and `getent`, for access lists of network drives, and for users whose main group is another's private one.
 */
export function isGroupShared(
  path: string,
  { uid, gid, ctimeMs }: Pick<Stats, 'uid' | 'gid' | 'ctimeMs'>,
): Promise<boolean> {
  if (uid !== gid) return Promise.resolve(true);
  const earlier = known.get(path);
  if (earlier?.ctimeMs === ctimeMs) return earlier.isShared;
  const isShared = Promise.all([hasAccessList(path), hasOtherMembers(gid)]).then((both) =>
    both.includes(true),
  );
  known.set(path, { ctimeMs, isShared });
  return isShared;
}

async function hasAccessList(path: string): Promise<boolean> {
  return showsAccessList(await outputOf('ls', ['-ld', '--', path]));
}

async function hasOtherMembers(gid: number): Promise<boolean> {
  return membersIn(await outputOf('getent', ['group', String(gid)])).some(
    (name) => name !== userInfo().username,
  );
}

/** After the ten characters of the mode, `ls` prints a plus sign for an access list (POSIX: an alternate access method). */
export function showsAccessList(listing: string): boolean {
  return /^\S{10}\+/.test(listing);
}

/** The members in a line of the group database: `name:password:number:members`. */
export function membersIn(entry: string): readonly string[] {
  const [, , , members = ''] = entry.trim().split(':');
  return members.split(',').filter((name) => name !== '');
}

/** Empty if the program doesn't exist or fails: then it tells nothing. */
async function outputOf(program: string, args: readonly string[]): Promise<string> {
  return run(program, args, options).then(
    ({ stdout }) => stdout,
    () => '',
  );
}
