import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import type { EndpointService } from '../../../src/aws/pinpoint/endpointService.ts';
import type { EndpointItem } from '../../../src/endpoints/model/endpointDefinition.ts';
import { AudienceError } from '../../../src/errors.ts';
import { Bulk } from '../../../src/jobs/bulk/bulkService.ts';
import type { BulkRecord } from '../../../src/jobs/bulk/bulkRecord.ts';
import { Erasure } from '../../../src/jobs/erasure.ts';
import { noLog } from '../../../src/log.ts';
import { standStillBefore } from '../../support/standStill.ts';
import { Workplace } from './workplace.ts';

describe('Single and bulk changes of endpoints and users', () => {
  let place: Workplace;
  let endpoints: EndpointService;
  let bulk: Bulk;

  before(async () => {
    place = await Workplace.open();
    ({ endpoints } = place.connection);
    bulk = window();
  });
  afterEach(() => place.sandbox.faults.set({}));
  after(async () => {
    bulk.dispose();
    await place.close();
  });

  function window(): Bulk {
    return new Bulk({ folder: join(place.folder, 'bulk'), log: noLog, clock: place.clock });
  }

  async function given(...items: readonly EndpointItem[]): Promise<void> {
    await endpoints.updateEndpoints(place.projectId, items);
  }

  const email = (Id: string, more: Partial<EndpointItem> = {}): EndpointItem => ({
    Id,
    ChannelType: 'EMAIL',
    Address: `${Id}@example.com`,
    ...more,
  });

  async function isGone(id: string): Promise<boolean> {
    return endpoints.getEndpoint(place.projectId, id).then(
      () => false,
      (error: unknown) => error instanceof AudienceError && error.code === 'not-found',
    );
  }

  const start = async (
    kind: BulkRecord['kind'],
    name: string,
    text: string,
    more = {},
  ): Promise<BulkRecord> => {
    const { path } = await place.file(name, text);
    return bulk.start(place.connection, { kind, projectId: place.projectId, source: path, ...more }, {});
  };

  /** Deletes the endpoints of a file, and pauses after the first request. */
  async function pausedDeletion(path: string): Promise<BulkRecord> {
    const stop = new AbortController();
    return bulk.start(
      place.connection,
      { kind: 'delete-endpoints', projectId: place.projectId, source: path },
      { signal: stop.signal, onProgress: () => stop.abort() },
    );
  }

  it('leaves an operation alone that another window completed while this one was suspended before its lease', async () => {
    const ids = ['still-1', 'still-2', 'still-3'];
    await given(...ids.map((id) => email(id)));
    const { path } = await place.file('still/ids.txt', ids.map((id) => `${id}\n`).join(''));
    const paused = await pausedDeletion(path);
    assert.equal(paused.state, 'paused');
    const other = window();
    try {
      const { reached, goOn } = standStillBefore((name) => name.endsWith(`${paused.id}.lease`));
      const late = other.resume(place.connection, paused.id, {});
      await reached;
      const completed = await bulk.resume(place.connection, paused.id, {});
      goOn();
      await assert.rejects(late, { code: 'not-found', message: /No unfinished operation/ });
      assert.deepEqual(completed.counts, { done: 3, absent: 0, failed: 0 });
      const record = (await bulk.list()).find(({ id }) => id === paused.id);
      assert.deepEqual([record?.counts, record?.results], [completed.counts, completed.results]);
      assert.deepEqual(await readdir(dirname(path)), ['ids.deleted.csv', 'ids.txt']);
    } finally {
      other.dispose();
    }
  });

  it('keeps its journals if it is taken over from a window that was suspended while it removed it from the list', async () => {
    const ids = ['taken-1', 'taken-2', 'taken-3'];
    await given(...ids.map((id) => email(id)));
    const { path } = await place.file('taken/ids.txt', ids.map((id) => `${id}\n`).join(''));
    const { id } = await pausedDeletion(path);
    const folder = join(place.folder, 'bulk');
    const other = window();
    try {
      const isVersion = (name: string): boolean => name.includes(`${id}.`) && name.endsWith('.bulk');
      const { reached, goOn } = standStillBefore(isVersion, 'rm');
      const late = other.forget(id);
      await reached;
      // As after 15 seconds without a heartbeat.
      await rm(join(folder, `${id}.lease`));
      let removal: Promise<unknown> | undefined;
      const done = await bulk.resume(place.connection, id, {
        onProgress: () => {
          goOn();
          removal ??= assert.rejects(late, { code: 'conflict' });
        },
      });
      await removal;
      assert.deepEqual(done.counts, { done: 3, absent: 0, failed: 0 });
      assert.equal(
        await readFile(done.results!, 'utf8'),
        `Line,Id,Outcome,Message\n${ids.map((each, n) => `${n + 1},${each},done,\n`).join('')}`,
      );
    } finally {
      other.dispose();
    }
  });

  it('keeps the journals of an operation of a newer version', async () => {
    await given(email('newer-1'), email('newer-2'));
    const { path } = await place.file('newer/ids.txt', 'newer-1\nnewer-2\n');
    const { id } = await pausedDeletion(path);
    const folder = join(place.folder, 'bulk');
    const name = (await readdir(folder)).find((each) => each.startsWith(id) && each.endsWith('.bulk'))!;
    const text = await readFile(join(folder, name), 'utf8');
    assert.match(text, /"schema": 2,/);
    await writeFile(join(folder, name), text.replace('"schema": 2,', '"schema": 3,'));
    const before = await readdir(folder);
    const other = window();
    try {
      await other.sweep();
      assert.deepEqual(await readdir(folder), before);
      await assert.rejects(other.resume(place.connection, id, {}), { code: 'not-found' });
      await writeFile(join(folder, name), text);
      const done = await other.resume(place.connection, id, {});
      assert.deepEqual(done.counts, { done: 2, absent: 0, failed: 0 });
    } finally {
      other.dispose();
    }
  });

  it('replaces the values of a named attribute, and keeps the others', async () => {
    await given(email('attr', { Attributes: { Ride: ['Bus', 'Tram'], Plan: ['gold'] } }));
    await endpoints.updateEndpoint(place.projectId, 'ATTR', { Attributes: { Ride: ['Bike'] } });
    const { Attributes, Id } = await endpoints.getEndpoint(place.projectId, 'Attr');
    assert.deepEqual(Attributes, { Ride: ['Bike'], Plan: ['gold'] });
    assert.equal(Id, 'attr', 'Ids are the same in any case');
  });

  it('shares user attributes among the endpoints of a user', async () => {
    await given(
      email('shared-1', { User: { UserId: 'sue' } }),
      email('shared-2', { User: { UserId: 'sue' } }),
    );
    await endpoints.updateEndpoint(place.projectId, 'shared-1', {
      User: { UserAttributes: { Tier: ['1'] } },
    });
    const all = await endpoints.getUser(place.projectId, 'sue');
    assert.deepEqual(
      all.map(({ User }) => User?.UserAttributes),
      [{ Tier: ['1'] }, { Tier: ['1'] }],
    );
  });

  it('opts out endpoints without an address', async () => {
    await endpoints.updateEndpoint(place.projectId, 'bare', { ChannelType: 'EMAIL' });
    assert.equal((await endpoints.getEndpoint(place.projectId, 'bare')).OptOut, 'ALL');
  });

  it("rejects a user's 16th endpoint with its line, and drops the oldest of a push channel", async () => {
    const header = 'Id,ChannelType,Address,User.UserId\n';
    const rows = (channel: string, user: string, to: (n: number) => string): string =>
      Array.from({ length: 16 }, (_, n) => `${user}-${n},${channel},${to(n)},${user}\n`).join('');
    const mails = await start(
      'update-endpoints',
      'mails.csv',
      header + rows('EMAIL', 'max', (n) => `m${n}@example.com`),
    );
    assert.deepEqual(mails.counts, { done: 15, absent: 0, failed: 1 });
    assert.match(
      await readFile(mails.results!, 'utf8'),
      /^17,max-15,failed,.*Exceeded maximum endpoint per user/m,
    );
    const phones = await start(
      'update-endpoints',
      'phones.csv',
      header + rows('GCM', 'pia', (n) => `token-${n}-abcdef`),
    );
    assert.deepEqual(phones.counts, { done: 16, absent: 0, failed: 0 });
    assert.equal((await endpoints.getUser(place.projectId, 'pia')).length, 15);
    const oldest = await endpoints.getEndpoint(place.projectId, 'pia-0');
    assert.equal(oldest.EndpointStatus, 'INACTIVE');
    assert.equal(oldest.User?.UserId, undefined);
  });

  it("distinguishes lines that can't be sent", async () => {
    const text = [
      '{"Id":"ok","ChannelType":"EMAIL","Address":"ok@example.com","Metrics":{"visits":2.5},"CohortId":"3"}',
      '{"ChannelType":"EMAIL","Address":"no-id@example.com"}',
      '{"Id":"odd","Colour":"red"}',
      '{"Id":"bad","OptOut":"MAYBE"}',
    ].join('\n');
    const record = await start('update-endpoints', 'mixed.ndjson', text);
    assert.deepEqual(record.counts, { done: 1, absent: 0, failed: 3 });
    const [, first, second, third, fourth] = (await readFile(record.results!, 'utf8')).split('\n');
    assert.equal(first, '1,ok,done,');
    assert.equal(second, '2,,failed,No Id');
    assert.equal(third, '3,odd,failed,Unknown attribute: Colour');
    assert.match(fourth!, /^4,bad,failed,.*OptOut/);
    assert.deepEqual((await endpoints.getEndpoint(place.projectId, 'ok')).Metrics, { visits: 2.5 });
  });

  it('applies the same change to all Ids of a list', async () => {
    await given(email('l1'), email('l2'));
    const record = await start('update-endpoints', 'list.txt', 'l1\r\n\r\nL2\n', {
      change: { OptOut: 'ALL' },
    });
    assert.deepEqual(record.counts, { done: 2, absent: 0, failed: 0 });
    for (const id of ['l1', 'l2'])
      assert.equal((await endpoints.getEndpoint(place.projectId, id)).OptOut, 'ALL');
  });

  it("deletes the endpoints listed in a file, and reports those that didn't exist", async () => {
    await given(email('d1'), email('d2'));
    const record = await start('delete-endpoints', 'gone.csv', 'Id\nd1\nnever\nD2\n');
    assert.deepEqual(record.counts, { done: 2, absent: 1, failed: 0 });
    assert.ok((await isGone('d1')) && (await isGone('d2')));
    assert.equal(
      await readFile(record.results!, 'utf8'),
      'Line,Id,Outcome,Message\n2,d1,done,\n3,never,absent,\n4,D2,done,\n',
    );
  });

  it('deletes users with all their endpoints, and lists each in the results', async () => {
    await given(email('u1', { User: { UserId: 'ulla' } }), email('u2', { User: { UserId: 'ulla' } }));
    const record = await start('delete-users', 'users.csv', 'User.UserId\nulla\n');
    assert.deepEqual(record.counts, { done: 1, absent: 0, failed: 0 });
    const rows = (await readFile(record.results!, 'utf8')).trim().split('\n').slice(1).sort();
    assert.deepEqual(rows, ['2,ulla,u1,EMAIL,done,', '2,ulla,u2,EMAIL,done,']);
  });

  it('resumes in another process if one ended between request and response', async () => {
    const ids = Array.from({ length: 6 }, (_, n) => `crash-${n}`);
    await given(...ids.map((id) => email(id)));
    const { path } = await place.file('crash.csv', `Id\n${ids.join('\n')}\n`);
    const stop = new AbortController();
    // The third is deleted, and nobody hears of it.
    place.sandbox.faults.set({
      rules: [
        {
          method: 'DELETE',
          path: '/v1/apps/*/endpoints/crash-2',
          fault: { kind: 'cut-answer', afterBytes: 0 },
        },
      ],
    });
    const paused = await bulk.start(
      place.connection,
      { kind: 'delete-endpoints', projectId: place.projectId, source: path },
      {
        signal: stop.signal,
        onProgress: (done) => {
          if (done === 2) setTimeout(() => stop.abort(), 5);
        },
      },
    );
    assert.equal(paused.state, 'paused');
    assert.equal(paused.trouble, undefined);
    assert.ok(paused.counts.done >= 2 && paused.counts.done < 6, String(paused.counts.done));

    const other = window();
    try {
      assert.equal((await other.list()).find(({ id }) => id === paused.id)?.state, 'paused');
      const done = await other.resume(place.connection, paused.id, {});
      assert.deepEqual(done.counts, { done: 6, absent: 0, failed: 0 });
      for (const id of ids) assert.ok(await isGone(id), id);
    } finally {
      other.dispose();
    }
  });

  it("belongs to one window while it runs: another sees it running, and can't take or forget it", async () => {
    const ids = ['held-1', 'held-2'];
    await given(...ids.map((id) => email(id)));
    const { path } = await place.file('held.csv', `Id\n${ids.join('\n')}\n`);
    const plan = { kind: 'delete-endpoints', projectId: place.projectId, source: path } as const;
    // Long enough to look from another window.
    place.sandbox.faults.set({
      rules: [
        {
          method: 'DELETE',
          path: '/v1/apps/*/endpoints/held-2',
          fault: { kind: 'slow', delayMs: 1500 },
        },
      ],
    });
    let tellBegun = (): void => undefined;
    const begun = new Promise<void>((resolve) => (tellBegun = resolve));
    const working = bulk.start(place.connection, plan, { onProgress: () => tellBegun() });
    const other = window();
    try {
      await begun;
      const seen = (await other.list()).find(({ source }) => source.path === path);
      assert.equal(seen?.state, 'running');
      await assert.rejects(other.forget(seen.id), { code: 'conflict' });
      await assert.rejects(other.resume(place.connection, seen.id, {}), { code: 'conflict' });
      assert.deepEqual((await working).counts, { done: 2, absent: 0, failed: 0 });
      await other.forget(seen.id);
      assert.equal(
        (await bulk.list()).find(({ id }) => id === seen.id),
        undefined,
      );
    } finally {
      other.dispose();
    }
  });

  it('is reported once after its process was killed', async () => {
    await given(email('left-1'));
    const { id } = await start('delete-endpoints', 'left.csv', 'Id\nleft-1\n');
    // As the record of a process stands that was killed in the midst.
    const folder = join(place.folder, 'bulk');
    const name = (await readdir(folder)).find((each) => each.startsWith(`${id}.`) && each.endsWith('.bulk'));
    const path = join(folder, name!);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"state": "completed"', '"state": "running"'));

    const windows = [window(), window()];
    try {
      const taken = await Promise.all(windows.map((one) => one.adoptOrphans()));
      assert.deepEqual(
        taken.flat().map((record) => [record.id, record.state]),
        [[id, 'paused']],
      );
      assert.deepEqual(await windows[0]!.adoptOrphans(), []);
      assert.equal((await bulk.list()).find((record) => record.id === id)?.state, 'paused');
    } finally {
      for (const one of windows) one.dispose();
    }
  });

  it("doesn't resume with another file or connection", async () => {
    await given(email('c1'));
    place.sandbox.faults.set({
      rules: [{ method: 'DELETE', count: null, fault: { kind: 'expired-credentials' } }],
    });
    const paused = await start('delete-endpoints', 'changing.csv', 'Id\nc1\n');
    assert.equal(paused.trouble?.code, 'credentials');
    const elsewhere = {
      ...place.connection,
      identity: { ...place.connection.identity, region: 'eu-west-1' },
    };
    await assert.rejects(bulk.resume(elsewhere, paused.id, {}), /belongs to account/);
    await place.file('changing.csv', 'Id\nc1\nc2\n');
    await assert.rejects(bulk.resume(place.connection, paused.id, {}), (error) => {
      return error instanceof AudienceError && error.code === 'changed';
    });
  });

  it('drops only the records of operations completed a month ago', async () => {
    const folder = join(place.folder, 'bulk');
    const day = 24 * 60 * 60 * 1000;
    const earlier = await start('delete-endpoints', 'earlier.txt', 'nobody-1\n');
    const copies = [
      ['00000000000000aa', 'completed', 31],
      ['00000000000000bb', 'completed', 29],
      ['00000000000000cc', 'paused', 31],
    ] as const;
    for (const [id, state, days] of copies) {
      const ended = new Date(place.clock.now() - days * day).toISOString();
      await writeFile(join(folder, `${id}.json`), JSON.stringify({ ...earlier, id, state, ended }));
    }
    const { id } = await start('delete-endpoints', 'later.txt', 'nobody-2\n');
    const kept = (await bulk.list()).map((record) => record.id);
    assert.deepEqual(
      [id, earlier.id, ...copies.map(([copy]) => copy)].map((one) => kept.includes(one)),
      [true, true, false, true, true],
    );
    for (const [copy] of copies) await rm(join(folder, `${copy}.json`), { force: true });
  });

  it('keeps no Ids or addresses in its records', async () => {
    const path = join(place.folder, 'bulk');
    const names = (await readdir(path)).filter((name) => /\.(json|journal)$/.test(name));
    assert.ok(names.some((name) => name.endsWith('.journal')));
    for (const name of names) {
      assert.doesNotMatch(await readFile(join(path, name), 'utf8'), /@example|crash-\d|max-15|ulla/);
    }
  });

  describe('a user who asks to be deleted', () => {
    const folder = (): string => join(place.folder, 'erasures');
    const request = (userId: string) => ({ projectId: place.projectId, projectName: 'Shop', userId });

    it('is deleted with all endpoints, and the receipt says what, when and by whom', async () => {
      await given(email('e1', { User: { UserId: 'eva' } }), email('e2', { User: { UserId: 'eva' } }));
      const erasure = new Erasure({ folder: folder(), log: noLog });
      assert.equal((await erasure.preview(place.connection, request('eva'))).length, 2);
      const receipt = await erasure.erase(place.connection, request('eva'));
      assert.deepEqual(receipt.endpoints.map(({ id }) => id).sort(), ['e1', 'e2']);
      assert.equal(receipt.by, place.connection.identity.arn);
      assert.equal(receipt.verified, true);
      assert.ok(receipt.done >= receipt.asked);
      assert.doesNotMatch(JSON.stringify(receipt), /@example/);
      assert.ok((await isGone('e1')) && (await isGone('e2')));
      await assert.rejects(erasure.preview(place.connection, request('eva')), /doesn't exist/);
    });

    it('gets the same receipt if the response was lost and the request is repeated', async () => {
      await given(email('f1', { User: { UserId: 'fay' } }));
      place.sandbox.faults.set({
        rules: [
          { method: 'DELETE', path: '/v1/apps/*/users/*', fault: { kind: 'cut-answer', afterBytes: 0 } },
        ],
      });
      await assert.rejects(
        new Erasure({ folder: folder(), log: noLog }).erase(place.connection, request('fay')),
      );
      const again = new Erasure({ folder: folder(), log: noLog });
      assert.deepEqual(await again.preview(place.connection, request('fay')), []);
      const receipt = await again.erase(place.connection, request('fay'));
      assert.deepEqual(receipt.endpoints, [{ id: 'f1', channel: 'EMAIL' }]);
      assert.equal(receipt.verified, true);
      await rm(folder(), { recursive: true });
    });
  });

  it('removes attribute names from the service', async () => {
    await given(email('n1', { Attributes: { old_one: ['x'], old_two: ['y'], keep: ['z'] } }));
    await endpoints.removeAttributes(place.projectId, 'Attributes', ['old*']);
    await given(email('n2', { Attributes: { old_one: ['x'], keep: ['z'] } }));
    assert.deepEqual((await endpoints.getEndpoint(place.projectId, 'n2')).Attributes, { keep: ['z'] });
    await assert.rejects(endpoints.getUser(place.projectId, 'nobody'), /doesn't exist/);
  });
});
