import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { checkBeforeWrite } from '../../../src/aws/connection/writeGuard.ts';
import { Guard } from '../../../src/jobs/runs/guard.ts';
import { Leases } from '../../../src/jobs/runs/lease.ts';
import type { RunRecord } from '../../../src/jobs/runs/runRecord.ts';
import { RunStore } from '../../../src/jobs/runs/runStore.ts';
import type { Version } from '../../../src/jobs/runs/versionedFiles.ts';
import { none, VersionedFiles } from '../../../src/jobs/runs/versionedFiles.ts';
import { noLog } from '../../../src/log.ts';
import { temporaryFolder } from '../../support/sandbox.ts';
import { importRecord } from './records.ts';

describe('write-once texts', () => {
  let folder: string;
  let remove: () => Promise<void>;
  let files: VersionedFiles;

  beforeEach(async () => {
    const place = await temporaryFolder();
    folder = place.path;
    remove = () => place.remove();
    files = new VersionedFiles(folder, '.run');
  });
  afterEach(() => remove());

  it('follow each other, and only the newest is kept', async () => {
    const first = await files.append('a', none, '1\n');
    const second = await files.append('a', first!, '2\n');
    assert.deepEqual(await files.latest('a'), { ...second!, text: '2\n' });
    assert.deepEqual(await readdir(folder), ['a.2.run']);
  });

  it('are rejected if another process was faster, however long ago', async () => {
    const versions: Version[] = [none];
    for (let n = 0; n < 5; n += 1) versions.push((await files.append('a', versions.at(-1)!, `${n}\n`))!);
    const newest = versions.pop()!;
    for (const version of versions) {
      assert.equal(await files.isLatest('a', version), false);
      assert.equal(await files.append('a', version, 'late\n'), undefined, `after ${version.number}`);
      assert.deepEqual(await files.latest('a'), { ...newest, text: '4\n' });
      assert.deepEqual(await readdir(folder), ['a.5.run']);
    }
    assert.equal(await files.isLatest('a', newest), true);
  });

  it("are rejected if one with the predecessor's number was created too late", async () => {
    const versions: Version[] = [none];
    for (let n = 0; n < 4; n += 1) versions.push((await files.append('a', versions.at(-1)!, `${n}\n`))!);
    await writeFile(join(folder, 'a.2.run'), '1\n#0123456789abcdef\n');
    assert.equal(await files.isLatest('a', versions[2]!), false);
    assert.equal(await files.append('a', versions[2]!, 'late\n'), undefined);
  });

  it('are rejected if all were removed', async () => {
    const first = await files.append('a', none, '1\n');
    await files.remove('a');
    assert.equal(await files.append('a', first!, '2\n'), undefined);
    assert.deepEqual(await readdir(folder), []);
  });

  it('are won by one of many simultaneous writers', async () => {
    const first = await files.append('a', none, '1\n');
    const written = await Promise.all(
      Array.from({ length: 20 }, (_, n) => new VersionedFiles(folder, '.run').append('a', first!, `${n}\n`)),
    );
    assert.equal(written.filter((version) => version !== undefined).length, 1);
    assert.deepEqual(await readdir(folder), ['a.2.run']);
  });

  it('are ignored until complete if there are no links', async () => {
    const first = await files.append('a', none, '1\n');
    await writeFile(join(folder, 'a.2.run'), '{"half": ');
    assert.deepEqual(await files.latest('a'), { ...first!, text: '1\n' });
    const third = await files.append('a', first!, '3\n');
    assert.equal(third?.number, 3);
    assert.deepEqual(await files.latest('a'), { ...third, text: '3\n' });
    assert.deepEqual(await readdir(folder), ['a.3.run']);
  });
});

describe('the guard of a run', () => {
  let folder: string;
  let remove: () => Promise<void>;
  const open: { dispose(): void }[] = [];

  beforeEach(async () => {
    const place = await temporaryFolder();
    folder = place.path;
    remove = () => place.remove();
  });
  afterEach(async () => {
    for (const each of open.splice(0)) each.dispose();
    await remove();
  });

  /** A window, of which the lease is believed to be lost after `ttlMs`. */
  async function window(): Promise<{ store: RunStore; take: () => Promise<Guard<RunRecord>> }> {
    const store = new RunStore(folder, { log: noLog });
    const leases = new Leases(folder, { log: noLog });
    open.push(store, leases);
    await store.load();
    return {
      store,
      take: async () => {
        // Whoever had it stands still.
        await rm(join(folder, 'a.lease'), { force: true });
        const lease = await leases.acquire('a');
        const taken = await Guard.take(store, lease!, 'a');
        return taken!.guard;
      },
    };
  }

  it('lets only the newest owner write and send', async () => {
    const [mine, theirs] = [await window(), await window()];
    await mine.store.create(importRecord('a', { epoch: 0 }));
    const old = await mine.take();
    await old.update((record) => ({ ...record, projectName: 'mine' }));
    await old.send(() => checkBeforeWrite());
    const now = await theirs.take();
    assert.equal(now.epoch, old.epoch + 1);
    await now.update((record) => ({ ...record, state: 'completed' }));
    await assert.rejects(
      old.update((record) => ({ ...record, state: 'running' })),
      { code: 'conflict' },
    );
    await assert.rejects(old.check(), { code: 'conflict' });
    await assert.rejects(
      old.send(() => checkBeforeWrite()),
      { code: 'conflict' },
    );
    await now.check();
    await now.send(() => checkBeforeWrite());
    const { state, projectName } = theirs.store.get('a')!;
    assert.deepEqual([state, projectName], ['completed', 'mine']);
  });

  it('stays with its owner while others change shared fields', async () => {
    const [mine, theirs] = [await window(), await window()];
    await mine.store.create(importRecord('a'));
    const guard = await mine.take();
    await theirs.store.update('a', (record) => ({ ...record, notified: true }));
    await guard.check();
    await guard.update((record) => ({ ...record, projectName: 'mine' }));
    const [name] = await readdir(folder).then((names) => names.filter((each) => each.endsWith('.run')));
    const { notified, projectName } = JSON.parse(
      (await readFile(join(folder, name!), 'utf8')).replace(/#.*/, ''),
    ) as RunRecord;
    assert.deepEqual([notified, projectName], [true, 'mine']);
  });

  it('is deleted with the record', async () => {
    const [mine, theirs] = [await window(), await window()];
    await mine.store.create(importRecord('a'));
    const guard = await mine.take();
    await theirs.store.refresh();
    await theirs.store.remove('a');
    await assert.rejects(guard.check(), { code: 'conflict' });
    await assert.rejects(
      guard.update((record) => record),
      { code: 'not-found' },
    );
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('.run')),
      [],
    );
  });

  it("doesn't check what is sent for others", async () => {
    await checkBeforeWrite();
  });
});
