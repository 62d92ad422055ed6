import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { checkOwnTree, openToAppend, readOwnFile, readSmallFile } from '../../src/ownFiles.ts';
import { Rate } from '../../src/jobs/bulk/rate.ts';
import { MirrorStore } from '../../src/jobs/mirror/mirrorStore.ts';
import { systemClock } from '../../src/jobs/runs/clock.ts';
import { SetupRecords } from '../../src/jobs/setup/setupRecords.ts';
import type { WantedSetup } from '../../src/jobs/setup/wantedSetup.ts';
import { openDataDir } from '../../src/sandbox/storage/dataDir.ts';
import { Journal, progressOf } from '../../src/jobs/bulk/bulkJournal.ts';
import { GuardedStore } from '../../src/jobs/runs/guardedStore.ts';
import { Leases } from '../../src/jobs/runs/lease.ts';
import { RunStore } from '../../src/jobs/runs/runStore.ts';
import type { Log } from '../../src/log.ts';
import { noLog } from '../../src/log.ts';
import { isRoot, somebodyElse, withVictim } from '../support/victim.ts';
import { importRecord } from './jobs/records.ts';

/** Whatever others may have left in place of a file of ours, and what is said of it. */
const foreign: Readonly<Record<string, (path: string, victim: string) => Promise<void>>> = {
  'a named pipe': (path) => {
    execFileSync('mkfifo', [path]);
    return Promise.resolve();
  },
  'a link': (path, victim) => symlink(join(victim, '1'), path),
  'a dangling link': (path, victim) => symlink(join(victim, 'none'), path),
  'a folder': (path) => mkdir(path).then(() => undefined),
  'a device': (path) => symlink('/dev/zero', path),
  'a socket': (path) =>
    new Promise((resolve) => {
      const server = createServer().listen(path, () => {
        // Closing would remove it.
        server.unref();
        resolve();
      });
    }),
  ...(isRoot && {
    "another user's file": async (path: string) => {
      await writeFile(path, '{}\n#0123456789abcdef\n');
      await chown(path, somebodyElse, somebodyElse);
    },
  }),
};

const refusal = { code: 'disk', message: /isn't a regular file$|belongs to another user$/ };

describe('Our own files', function () {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  for (const [what, make] of Object.entries(foreign)) {
    const inPlace = (use: (path: string, folder: string) => Promise<void>): Promise<void> =>
      withVictim(async (folder, victim) => {
        await make(join(folder, 'file'), victim);
        await use(join(folder, 'file'), folder);
      });

    it(`are neither read nor written to if there is ${what} in their place`, async () => {
      await inPlace(async (path, folder) => {
        await assert.rejects(readOwnFile(path), refusal);
        await assert.rejects(readSmallFile(path), refusal);
        await assert.rejects(openToAppend(path), refusal);
        assert.equal(await readOwnFile(join(folder, 'none')), undefined);
        if (what !== 'a folder') assert.throws(() => checkOwnTree(folder), refusal);
      });
    });

    it(`are refused, or ignored with a message, in every kind of record if there is ${what} in their place`, async () => {
      await withVictim(async (folder, victim) => {
        const messages: string[] = [];
        const log: Log = { ...noLog, warn: (message) => void messages.push(message) };
        // Runs: one record must not hide the others.
        const runs = new RunStore(folder, { log, report: () => undefined });
        try {
          await make(join(folder, 'new.1.run'), victim);
          await make(join(folder, 'old.json'), victim);
          await make(join(folder, 'good.cancel'), victim);
          await runs.load();
          assert.deepEqual(runs.list(), []);
          assert.equal(messages.filter((message) => message.includes('Skipped the record')).length, 2);
          await runs.create(importRecord('good'));
          assert.equal(await runs.wantsCancel('good'), false);
          await assert.rejects(runs.askToCancel('good'), refusal);
          await runs.refresh();
          assert.deepEqual(
            runs.list().map(({ id }) => id),
            ['good'],
          );
        } finally {
          runs.dispose();
        }
        // Operations, mirrors, deletions.
        const store = new GuardedStore(
          folder,
          {
            extension: '.kind',
            oldExtension: '.old',
            schema: 1,
            parse: (value, id) => ({ ...(value as object), id, epoch: 1 }),
          },
          log,
        );
        for (const name of ['a.1.kind', 'b.old']) await make(join(folder, name), victim);
        for (const id of ['a', 'b']) await assert.rejects(store.get(id), refusal);
        // Journals of operations.
        await make(join(folder, '0123456789abcdef.1.journal'), victim);
        await assert.rejects(progressOf(folder, '0123456789abcdef'), refusal);
        await assert.rejects(Journal.open(folder, '0123456789abcdef', 1), refusal);
        // Leases.
        const leases = new Leases(folder, { log });
        try {
          await (await leases.acquire('first'))?.release();
          await make(join(folder, 'owners', 'foreign'), victim);
          await make(join(folder, 'second.lease'), victim);
          messages.length = 0;
          await leases.isHeld('second');
          await leases.sweep(() => true);
          assert.ok(messages.length >= 2, messages.join());
        } finally {
          leases.dispose();
        }
      });
    });
  }

  it('are kept only in folders that other users cannot write to, whatever kind of record they are', async () => {
    const wanted = { identity: {}, bucket: 'b', roles: {} } as WantedSetup;
    const record = { schema: 2, id: 'a', epoch: 1 } as never;
    const kinds: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
      runs: (folder) => new RunStore(folder, { log: noLog }).load(),
      leases: (folder) => new Leases(folder, { log: noLog }).acquire('a'),
      rates: (folder) => new Rate(systemClock, 1, folder).take(new AbortController().signal),
      setups: (folder) => new SetupRecords(folder).write(wanted, new Set()),
      'bulk operations, deletions and mirrors': (folder) =>
        new GuardedStore(folder, { extension: '.kind', schema: 2, parse: () => record }, noLog).create(
          record,
        ),
      'states of mirrors': (folder) =>
        new MirrorStore(folder, noLog).putState(
          { id: 'a', epoch: 1 },
          {
            salt: 1,
            identifier: 'Id',
            members: new Int32Array(0),
          },
        ),
      'the data of a sandbox': (folder) => openDataDir(folder),
    };
    for (const [kind, keep] of Object.entries(kinds)) {
      await withVictim(async (folder) => {
        await chmod(folder, 0o777);
        await assert.rejects(
          keep(folder),
          { code: 'disk', message: `Other users can write to ${folder}` },
          kind,
        );
        assert.deepEqual(await readdir(folder), [], kind);
      });
    }
  });

  it('may be in folders of any depth', async () => {
    await withVictim(async (folder, victim) => {
      await mkdir(join(folder, 'a', 'b'), { recursive: true });
      await writeFile(join(folder, 'a', 'b', 'file'), 'text');
      checkOwnTree(folder);
      const file = await openToAppend(join(folder, 'a', 'b', 'file'));
      await file.appendFile(' more');
      await file.close();
      assert.equal(await readFile(join(folder, 'a', 'b', 'file'), 'utf8'), 'text more');
      await symlink(victim, join(folder, 'a', 'b', 'link'));
      assert.throws(() => checkOwnTree(folder), refusal);
    });
  });
});
