import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Rate } from '../../../src/jobs/bulk/rate.ts';
import { systemClock } from '../../../src/jobs/runs/clock.ts';
import { GuardedStore, type RecordKind } from '../../../src/jobs/runs/guardedStore.ts';
import { noLog } from '../../../src/log.ts';
import { temporaryFolder } from '../../support/sandbox.ts';

interface Note {
  readonly schema: number;
  readonly id: string;
  readonly epoch: number;
  readonly text: string;
}

const kind: RecordKind<Note> = {
  extension: '.note',
  schema: 2,
  parse: (value) => (typeof (value as Partial<Note> | null)?.text === 'string' ? (value as Note) : undefined),
};
const note: Note = { schema: 2, id: 'a', epoch: 1, text: 'first' };

describe('Records that are read on demand', () => {
  let folder: string;
  let remove: () => Promise<void>;
  let warnings: string[];
  let store: GuardedStore<Note>;

  beforeEach(async () => {
    const place = await temporaryFolder();
    folder = join(place.path, 'notes');
    remove = () => place.remove();
    warnings = [];
    store = new GuardedStore(folder, kind, { ...noLog, warn: (message) => void warnings.push(message) });
  });
  afterEach(() => remove());

  const newest = async (): Promise<string> =>
    join(
      folder,
      (await readdir(folder)).find((name) => name.endsWith('.note'))!,
    );

  for (const [how, damage] of [
    ['cut off', (text: string) => text.slice(0, 12)],
    ['altered', (text: string) => text.replace('{', '[')],
    ['of another form', (text: string) => text.replace('"text"', '"words"')],
  ] as const) {
    it(`are set aside with a warning if they are ${how}, and can be created again`, async () => {
      await store.create(note);
      await store.update('a', (each) => ({ ...each, text: 'second' }));
      const before = await newest();
      await writeFile(before, damage(await readFile(before, 'utf8')));
      assert.equal(await store.get('a'), undefined);
      const created = await store.create(note);
      assert.ok(created!.epoch > note.epoch, 'an older owner must not write');
      await assert.rejects(
        store.update('a', (each) => ({ ...each, text: 'late' }), note.epoch),
        { code: 'conflict' },
      );
      assert.equal((await store.get('a'))?.text, 'first');
      if (how !== 'cut off') assert.match(warnings.join(), /^Moved a damaged record to .*\.bad$/);
    });
  }

  it('of a newer version are neither changed nor removed', async () => {
    await store.create(note);
    const path = await newest();
    await writeFile(path, (await readFile(path, 'utf8')).replace('"schema": 2', '"schema": 3'));
    const before = await readFile(path, 'utf8');
    assert.equal(await store.get('a'), undefined);
    assert.equal(await store.has('a'), true);
    await assert.rejects(store.create(note), { code: 'conflict', message: /newer version/ });
    assert.equal(await store.update('a', (each) => each), undefined);
    await store.sweep();
    await store.removeOld(Date.now() + 1000);
    assert.equal(await readFile(path, 'utf8'), before);
  });

  it('are removed only by their owner', async () => {
    await store.create(note);
    await store.update('a', (each) => ({ ...each, epoch: 2 }));
    await assert.rejects(store.remove('a', 1), { code: 'conflict' });
    assert.equal((await store.get('a'))?.epoch, 2);
    await store.remove('a', 2);
    assert.equal(await store.has('a'), false);
  });
});

describe('A shared rate', () => {
  it('goes on if its folder is removed', async () => {
    const place = await temporaryFolder();
    try {
      const folder = join(place.path, 'rates');
      const rate = new Rate(systemClock, 1000, folder);
      const { signal } = new AbortController();
      await rate.take(signal);
      await rm(folder, { recursive: true });
      await rate.take(signal);
      assert.equal((await readdir(folder)).length, 1);
    } finally {
      await place.remove();
    }
  });
});
