import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, chown, lstat, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import {
  isSafePlace,
  makePrivateFolder,
  makeRecordFolder,
  makeTemporaryFolder,
  removeOwnFolder,
  withOwnFolder,
} from '../../src/ownFolders.ts';
import { readSmallFile } from '../../src/ownFiles.ts';
import { membersIn, showsAccessList } from '../../src/privateGroups.ts';
import { withTemporaryFolder } from '../support/environment.ts';
import { isRoot, somebodyElse, withVictim } from '../support/victim.ts';

const isPosix = process.platform !== 'win32';

/** As `setfacl -m user:65534:rwx` does. False if this system can't. */
function addAccessList(path: string): boolean {
  const none = 'ffffffff';
  const entry = (tag: string, id: string): string => `${tag}000700${id}`;
  const list = `02000000${entry('01', none)}${entry('02', 'feff0000')}${entry('04', none)}${entry('10', none)}20000000${none}`;
  const code =
    'import os, sys; os.setxattr(sys.argv[1], "system.posix_acl_access", bytes.fromhex(sys.argv[2]))';
  return spawnSync('python3', ['-c', code, path, list]).status === 0;
}

describe('Folders of this user', () => {
  before(function () {
    if (!isPosix) this.skip();
  });

  it('are removed without following links, in them or in their place', async () => {
    await withVictim(async (folder, victim) => {
      const ours = join(folder, 'ours');
      await mkdir(join(ours, 'deep', 'er'), { recursive: true });
      await writeFile(join(ours, 'deep', 'er', 'file'), '');
      await symlink(victim, join(ours, 'deep', 'link'));
      execFileSync('mkfifo', [join(ours, 'pipe')]);
      await removeOwnFolder(ours);
      assert.deepEqual(await readdir(folder), []);

      await symlink(victim, join(folder, 'link'));
      await removeOwnFolder(join(folder, 'link'));
      assert.deepEqual(await readdir(folder), ['link']);
      await removeOwnFolder(join(folder, 'none'));
    });
  });

  it('stay the ones that were opened, whatever comes to stand in their place', async function () {
    if (process.platform !== 'linux') this.skip();
    await withVictim(async (folder, victim) => {
      const ours = join(folder, 'ours');
      await mkdir(ours);
      await writeFile(join(ours, 'file'), '');
      const seen = await withOwnFolder(ours, async (anchor) => {
        await rename(ours, join(folder, 'aside'));
        await symlink(victim, ours);
        return readdir(anchor);
      });
      assert.deepEqual(seen, ['file']);
    });
  });

  it('of others are neither opened nor removed', async function () {
    if (!isRoot) this.skip();
    await withVictim(async (folder) => {
      const [theirs, ours] = [join(folder, 'theirs'), join(folder, 'ours')];
      for (const each of [theirs, join(ours, 'theirs')]) {
        await mkdir(each, { recursive: true });
        await writeFile(join(each, 'file'), '');
        await chown(each, somebodyElse, somebodyElse);
      }
      await removeOwnFolder(theirs);
      assert.deepEqual(await readdir(theirs), ['file']);
      await assert.rejects(removeOwnFolder(ours), { code: 'ENOTEMPTY' });
      assert.deepEqual(await readdir(join(ours, 'theirs')), ['file']);
    });
  });

  it('that are temporary are removed if they are what was made, whatever others put in their place', async () => {
    await withVictim(async (folder, victim) => {
      for (const replace of [
        (path: string) => symlink(victim, path),
        async (path: string) => {
          await mkdir(path);
          await writeFile(join(path, 'file'), '');
        },
      ]) {
        const { path, remove } = await makeTemporaryFolder(join(folder, 'made-'));
        await rename(path, join(folder, 'aside'));
        await replace(path);
        await remove();
        assert.equal((await readdir(folder)).length, 2);
        await rm(path, { recursive: true });
        await rename(join(folder, 'aside'), path);
        await writeFile(join(path, 'file'), '');
        await remove();
        assert.deepEqual(await readdir(folder), []);
        await remove();
      }
    });
  });

  it('are private only where nobody else can replace them', async () => {
    await withTemporaryFolder(async (base) => {
      await chmod(base, 0o755);
      assert.equal(await isSafePlace(tmpdir()), true, 'a folder with the sticky bit');
      const parent = join(base, 'parent');
      const wanted = join(parent, 'private');
      assert.equal(await makePrivateFolder(wanted), true);
      assert.equal((await lstat(wanted)).mode & 0o777, 0o700);
      await chmod(wanted, 0o755);
      assert.equal(await makePrivateFolder(wanted), true);
      assert.equal((await lstat(wanted)).mode & 0o777, 0o700, 'what was open is closed');

      await chmod(parent, 0o777);
      assert.equal(await makePrivateFolder(wanted), false, 'everybody can rename what is in its parent');
      await chmod(parent, 0o1777);
      assert.equal(await makePrivateFolder(wanted), true);
      await chmod(parent, 0o700);
      await symlink(wanted, join(parent, 'link'));
      assert.equal(await makePrivateFolder(join(parent, 'link')), false);
      await writeFile(join(parent, 'file'), '');
      assert.equal(await makePrivateFolder(join(parent, 'file', 'below')), false);

      if (!isRoot) return;
      await chown(wanted, somebodyElse, somebodyElse);
      assert.equal(await makePrivateFolder(wanted), false);
      await chown(wanted, 0, 0);
      await chown(parent, somebodyElse, somebodyElse);
      assert.equal(await makePrivateFolder(wanted), false, "another user's parent");
      await chown(parent, 0, somebodyElse);
      await chmod(parent, 0o770);
      assert.equal(await makePrivateFolder(wanted), false, 'a group of others can write to its parent');
      await chmod(base, 0o700);
      assert.equal(await makePrivateFolder(wanted), true, 'nobody else can enter the folder above it');
    });
  });

  it('hold our own files if no other user can put any there, and are refused otherwise, with what to do', async () => {
    await withTemporaryFolder(async (base) => {
      await chmod(base, 0o755);
      const wanted = join(base, 'a b', 'store');
      await makeRecordFolder(wanted);
      assert.equal((await lstat(wanted)).mode & 0o777, 0o700);
      await symlink(wanted, join(base, 'link'));
      await makeRecordFolder(join(base, 'link'));
      await chmod(wanted, 0o755);
      await makeRecordFolder(wanted);
      assert.equal((await lstat(wanted)).mode & 0o777, 0o755, 'a folder that a person made stays as it is');

      const refused = (message: RegExp, help: string, path = wanted): Promise<void> =>
        assert.rejects(makeRecordFolder(path), { code: 'disk', message, help });
      const chmodHelp = (path: string): string => `Run "chmod go-w '${path}'", or use another folder.`;
      for (const mode of [0o777, 0o1777, 0o703]) {
        await chmod(wanted, mode);
        for (const path of [wanted, join(base, 'link')])
          await refused(
            /^Other users can write to /,
            chmodHelp(path).replace("'" + base + "/link'", base + '/link'),
            path,
          );
      }
      await chmod(wanted, 0o700);
      await chmod(join(base, 'a b'), 0o777);
      await refused(/^Other users can write to .*a b, so .*store isn't safe$/, chmodHelp(join(base, 'a b')));
      await chmod(join(base, 'a b'), 0o1777);
      await makeRecordFolder(wanted);

      if (!isRoot) return;
      await chown(wanted, somebodyElse, somebodyElse);
      await refused(/store belongs to another user$/, 'Use a folder of your own.');
      await chown(wanted, 0, somebodyElse);
      await chmod(wanted, 0o770);
      await refused(/^Other users can write to .*store$/, chmodHelp(wanted));
      await chmod(wanted, 0o700);
      await chown(join(base, 'a b'), somebodyElse, somebodyElse);
      await refused(/a b belongs to another user, so /, 'Use a folder of your own.');
      await chown(join(base, 'a b'), 0, 0);
      await mkdir(join(base, 'theirs'));
      await chown(join(base, 'theirs'), somebodyElse, somebodyElse);
      await symlink(wanted, join(base, 'theirs', 'link'));
      await refused(
        /theirs belongs to another user, so /,
        'Use a folder of your own.',
        join(base, 'theirs', 'link'),
      );
    });
  });

  it('are refused below a folder with an access control list by which others can write to it, whatever its group', async function () {
    await withTemporaryFolder(async (base) => {
      await chmod(base, 0o755);
      const parent = join(base, 'parent');
      const wanted = join(parent, 'store');
      await makeRecordFolder(wanted);
      await chown(parent, process.getuid!(), process.getuid!()).catch(() => this.skip());
      // As with a umask of 002.
      await chmod(parent, 0o770);
      await makeRecordFolder(wanted);
      assert.equal(await makePrivateFolder(wanted), true);

      if (!addAccessList(parent)) this.skip();
      await assert.rejects(makeRecordFolder(wanted), {
        code: 'disk',
        message: /^Other users can write to .*parent, so .*store isn't safe$/,
        help: `Run "chmod go-w ${parent}", or use another folder.`,
      });
      assert.equal(await makePrivateFolder(wanted), false);
      await chmod(parent, 0o750);
      await makeRecordFolder(wanted);
    });
  });

  it('are below folders of a private group only if that has no other members, and no access list', () => {
    const { username } = userInfo();
    const members = [
      ['me:x:1000:\n', []],
      [`me:x:1000:${username}\n`, [username]],
      [`me:x:1000:${username},ada\n`, [username, 'ada']],
      ['', []],
    ] as const;
    for (const [entry, expected] of members) assert.deepEqual(membersIn(entry), expected, entry);
    const listings = [
      ['drwxrwx---+ 2 me me 4096 Nov 30 23:04 /a\n', true],
      ['drwxrwx---  2 me me 4096 Nov 30 23:04 /a + b\n', false],
      ['drwxrwx---. 2 me me 4096 Nov 30 23:04 /a\n', false],
      ['drwxrwx---@ 2 me me 4096 Nov 30 23:04 /a\n', false],
      ['', false],
    ] as const;
    for (const [listing, expected] of listings) assert.equal(showsAccessList(listing), expected, listing);
  });

  it('have small files, which are read at once or not at all', async () => {
    await withVictim(async (folder, victim) => {
      await writeFile(join(folder, 'file'), 'text');
      assert.equal(await readSmallFile(join(folder, 'file')), 'text');
      assert.equal(await readSmallFile(join(folder, 'none')), undefined);
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      await symlink(join(victim, '1'), join(folder, 'link'));
      await symlink(join(folder, 'none'), join(folder, 'dangling'));
      await writeFile(join(folder, 'large'), Buffer.alloc(1 << 20));
      for (const name of ['pipe', 'link', 'dangling', 'large'])
        await assert.rejects(readSmallFile(join(folder, name)), { code: 'disk', message: /regular file/ });
    });
  });

  it('of records are refused if others can add to them, and single files if they are another user’s', async function () {
    if (process.getuid === undefined) this.skip();
    await withVictim(async (folder) => {
      const records = join(folder, 'a', 'records');
      await makeRecordFolder(records);
      assert.equal((await lstat(records)).mode & 0o777, 0o700);
      await chmod(records, 0o755);
      await makeRecordFolder(records);
      // The bits of the group can come from an access control list, whoever the group is.
      for (const mode of [0o777, 0o1777, 0o757, 0o770]) {
        await chmod(records, mode);
        await assert.rejects(makeRecordFolder(records), {
          code: 'disk',
          message: /^Other users can write to /,
        });
      }
      if (!isRoot) return;
      await chmod(records, 0o770);
      await chown(records, 0, somebodyElse);
      await assert.rejects(makeRecordFolder(records), { code: 'disk' });
      await chown(records, 0, 0);
      await writeFile(join(records, 'planted'), 'x');
      await chown(join(records, 'planted'), somebodyElse, somebodyElse);
      await assert.rejects(readSmallFile(join(records, 'planted')), { code: 'disk' });
    });
  });
});
