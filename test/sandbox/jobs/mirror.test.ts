import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import type { MirrorDeclaration } from '../../../src/jobs/mirror/mirrorDeclaration.ts';
import { Leases } from '../../../src/jobs/runs/lease.ts';
import type { MirrorPlan, MirrorResources } from '../../../src/jobs/mirror/mirrorPlan.ts';
import { Mirrors } from '../../../src/jobs/mirror/mirrors.ts';
import type { MirrorRecord } from '../../../src/jobs/mirror/mirrorRecord.ts';
import { noLog } from '../../../src/log.ts';
import { Workplace } from './workplace.ts';

describe('A file as the exact content of a segment', () => {
  let place: Workplace;
  let mirrors: Mirrors;
  let places: MirrorResources;
  let declaredIn: string;

  before(async () => {
    place = await Workplace.open();
    mirrors = window();
    declaredIn = join(place.folder, 'pinpoint-audience.json');
    places = {
      bucket: place.bucket,
      prefix: 'mirror',
      importRoleArn: place.roleArn,
      exportRoleArn: place.roleArn.replace('Import', 'Export'),
    };
  });
  afterEach(() => place.sandbox.faults.set({}));
  after(() => place.close());

  function window(): Mirrors {
    return new Mirrors({
      folder: join(place.folder, 'mirrors'),
      runs: place.window(),
      log: noLog,
      clock: place.clock,
    });
  }

  const declare = (name: string, more: Partial<MirrorDeclaration> = {}): MirrorDeclaration => ({
    name,
    source: `${name}.csv`,
    project: 'Shop: Spring',
    segment: `Segment ${name}`,
    identifier: 'Id',
    ...more,
  });

  async function plan(
    declaration: MirrorDeclaration,
    text: string,
    options: { readonly fresh?: boolean; readonly file?: string } = {},
  ): Promise<MirrorPlan> {
    const files = [await place.file(options.file ?? declaration.source, text)];
    return mirrors.plan(place.connection, { declaration, declaredIn, files }, places, options);
  }

  async function mirror(declaration: MirrorDeclaration, text: string): Promise<MirrorRecord> {
    return mirrors.run(place.connection, await plan(declaration, text), places, {});
  }

  const counts = ({ against, difference: { added, changed, removed, unchanged } }: MirrorPlan) => ({
    against,
    added,
    changed,
    removed,
    unchanged,
  });

  const csv = (...rows: readonly string[]): string =>
    ['Id,ChannelType,Address,Attributes.Plan', ...rows, ''].join('\n');
  const row = (id: string, plan = 'gold'): string => `${id},EMAIL,${id}@example.com,${plan}`;

  it('creates a missing segment, and then verifies its members', async () => {
    const declaration = declare('fresh');
    const first = await plan(declaration, csv(row('a1'), row('a2')));
    assert.deepEqual(counts(first), { against: 'nothing', added: 2, changed: 0, removed: 0, unchanged: 0 });
    const record = await mirrors.run(place.connection, first, places, {});
    assert.equal(record.outcome, 'mirrored', record.trouble?.message);
    assert.deepEqual(record.after, { added: 0, changed: 0, removed: 0, unchanged: 2 });
    assert.deepEqual(await mirrors.last(declaredIn, 'fresh'), record);

    const second = await plan(
      declaration,
      csv('A2,EMAIL,a2@example.com,gold', row('a1', 'silver'), row('a3')),
    );
    assert.deepEqual(counts(second), { against: 'state', added: 1, changed: 1, removed: 0, unchanged: 1 });
    assert.deepEqual(
      second.difference.samples.added.map(({ line }) => line),
      [4],
    );
    assert.deepEqual(
      second.difference.samples.changed.map(({ line }) => line),
      [3],
    );
    assert.equal(second.difference.samples.removed, undefined);
  });

  it('rejects a plan made before another run of this mirror or into the segment to be created', async () => {
    const text = csv(row('o1'));
    const one = await plan(declare('once'), text);
    const again = await mirrors.plan(place.connection, one.request, places, {});
    const other = await plan(declare('once too', { segment: 'Segment once' }), text);
    assert.equal((await mirrors.run(place.connection, one, places, {})).outcome, 'mirrored');
    for (const obsolete of [again, other]) {
      const running = mirrors.run(place.connection, obsolete, places, {});
      await assert.rejects(running, { code: 'changed', message: /changed after the preview/ });
    }
    const { items } = await place.connection.audience.listSegments(place.projectId, {});
    assert.equal(items.filter(({ name }) => name === 'Segment once').length, 1);
    const third = await mirrors.run(place.connection, await plan(declare('once'), text), places, {});
    assert.equal(third.outcome, 'mirrored');
  });

  it('rejects a plan made while a run of this mirror went on that has ended', async () => {
    const text = csv(row('m1'));
    const first = await plan(declare('meanwhile'), text);
    const during: Promise<MirrorPlan>[] = [];
    await mirrors.run(place.connection, first, places, {
      onProgress: () => {
        if (during.length === 0) during.push(mirrors.plan(place.connection, first.request, places, {}));
      },
    });
    const obsolete = await during[0]!;
    assert.equal(obsolete.last?.state, 'running');
    await assert.rejects(mirrors.run(place.connection, obsolete, places, {}), { code: 'changed' });
  });

  it('replaces the members if the service replaces', async () => {
    const declaration = declare('replace');
    await mirror(declaration, csv(row('r1'), row('r2'), row('r3')));
    const record = await mirror(declaration, csv(row('r1'), row('r4')));
    assert.deepEqual(record.before, { added: 1, changed: 0, removed: 2, unchanged: 1 });
    assert.equal(record.outcome, 'mirrored', record.trouble?.message);
    assert.equal(
      (await place.connection.audience.getSegment(place.projectId, record.segmentId!)).imported?.size,
      2,
    );
    const { samples, ...fresh } = (await plan(declaration, csv(row('r1')), { fresh: true })).difference;
    assert.deepEqual(fresh, { added: 0, changed: 0, removed: 1, unchanged: 1, companions: 0 });
    assert.deepEqual(samples.removed, ['r4']);
  });

  it('notices that the service added instead of replacing, and creates a new segment on request', async () => {
    const declaration = declare('append');
    place.sandbox.faults.set({ segmentRefresh: 'append' });
    const first = await mirror(declaration, csv(row('p1'), row('p2')));
    assert.equal(first.outcome, 'mirrored');
    const next = await plan(declaration, csv(row('p2'), row('p3')));
    const appended = await mirrors.run(place.connection, next, places, {});
    assert.equal(appended.outcome, 'appended');
    assert.equal(appended.segmentId, first.segmentId);
    assert.deepEqual(appended.after, { added: 0, changed: 0, removed: 1, unchanged: 2 });

    const again = await plan(declaration, csv(row('p2'), row('p3')));
    assert.equal(again.against, 'export', 'the last state is not to be trusted');
    const renewed = await mirrors.run(place.connection, again, places, { newSegment: true });
    assert.equal(renewed.outcome, 'mirrored');
    assert.notEqual(renewed.segmentId, first.segmentId);
    const after = await plan(declaration, csv(row('p2'), row('p3')));
    assert.deepEqual(counts(after), { against: 'state', added: 0, changed: 0, removed: 0, unchanged: 2 });
    assert.equal(
      after.segment?.id,
      renewed.segmentId,
      'of two of the same name it is the one that was made here',
    );
  });

  it('notices that the service adds, even if nothing was to be removed', async () => {
    const declaration = declare('grow');
    place.sandbox.faults.set({ segmentRefresh: 'append' });
    await mirror(declaration, csv(row('g1')));
    assert.equal((await mirror(declaration, csv(row('g1', 'silver'), row('g2')))).outcome, 'mirrored');
  });

  it('distinguishes members by user, by address and by an attribute', async () => {
    const users = declare('users', { identifier: 'User.UserId', source: 'users.ndjson' });
    await mirror(
      declare('base'),
      'Id,ChannelType,Address,User.UserId\nu1,EMAIL,u1@example.com,una\nu2,EMAIL,u2@example.com,una\nu3,EMAIL,u3@example.com,ugo\n',
    );
    const byUser = await mirror(users, '{"User":{"UserId":"una"}}\n');
    assert.equal(byUser.outcome, 'mirrored', byUser.trouble?.message);
    assert.deepEqual(byUser.after, { added: 0, changed: 0, removed: 0, unchanged: 1 });

    const byAddress = declare('address', { identifier: 'Address' });
    const text = (plan: string): string =>
      `Id,ChannelType,Address,Attributes.Plan\nd1,EMAIL,d1@example.com,${plan}\n`;
    await mirror(byAddress, text('gold'));
    assert.deepEqual(counts(await plan(byAddress, text('silver'))), {
      against: 'state',
      added: 0,
      changed: 1,
      removed: 0,
      unchanged: 0,
    });

    const byNumber = declare('number', { identifier: 'Attributes.customer' });
    const record = await mirror(
      byNumber,
      'Id,ChannelType,Address,Attributes.customer\nc1,EMAIL,c1@example.com,77\n',
    );
    assert.equal(record.outcome, 'mirrored', record.trouble?.message);
    await assert.rejects(
      plan(byNumber, 'Id,ChannelType,Address,Attributes.customer\nc1,EMAIL,c1@example.com,\n'),
      /1 record has no Attributes\.customer, which identifies members: line 2$/,
    );
  });

  it('distinguishes other endpoints of listed users, which the service adds, from members that it kept', async () => {
    const header = 'Id,ChannelType,Address,User.UserId\n';
    const [one, two] = ['v1,EMAIL,v1@example.com,vera\n', 'v2,EMAIL,v2@example.com,vera\n'];
    await mirror(declare('all of vera'), header + one + two);
    const declaration = declare('companions');
    const record = await mirror(declaration, header + one);
    assert.equal(record.outcome, 'mirrored', record.trouble?.message);
    assert.deepEqual(record.after, { added: 0, changed: 0, removed: 0, unchanged: 1 });
    assert.equal(record.companions, 1);
    const { samples, ...fresh } = (await plan(declaration, header + one, { fresh: true })).difference;
    assert.deepEqual(fresh, { added: 0, changed: 0, removed: 0, unchanged: 1, companions: 1 });
    assert.deepEqual(samples.removed, []);
    const { difference } = await plan(
      declaration,
      `${header}v1,EMAIL,v1@example.com,\nw1,EMAIL,w1@example.com,wim\n`,
      {
        fresh: true,
      },
    );
    assert.deepEqual(
      difference.samples.removed,
      ['v2'],
      'of users who are not listed any more they are left over',
    );
  });

  it("compares only the members' data in the files, as the service stores it", async () => {
    const declaration = declare('stored');
    const text =
      'Id,ChannelType,Address,Location.Latitude,Location.Longitude,Metrics.visits,Demographic.Timezone\ns1,EMAIL,s1@example.com,51.04,3.71,2.50,US/Pacific-New\n';
    const record = await mirror(declaration, text);
    assert.equal(record.outcome, 'mirrored');
    await place.connection.endpoints.updateEndpoint(place.projectId, 's1', { Attributes: { other: ['x'] } });
    assert.equal((await plan(declaration, text, { fresh: true })).difference.unchanged, 1);
    await place.connection.endpoints.updateEndpoint(place.projectId, 's1', { Metrics: { visits: 3 } });
    assert.equal((await plan(declaration, text, { fresh: true })).difference.changed, 1);
  });

  it('reports a run as failed if its job failed, and then trusts no state', async () => {
    const declaration = declare('failing');
    await mirror(declaration, csv(row('f1')));
    place.sandbox.faults.set({ jobs: [{ type: 'IMPORT' }] });
    const record = await mirror(declaration, csv(row('f1'), row('f2')));
    assert.equal(record.outcome, 'failed');
    assert.match(record.trouble?.message ?? '', /./);
    assert.equal((await plan(declaration, csv(row('f1')))).against, 'export');
  });

  it('trusts no state after an interrupted run', async () => {
    const declaration = declare('broken');
    const first = await mirror(declaration, csv(row('b1')));
    const folder = join(place.folder, 'mirrors');
    const names = await readdir(folder);
    const name = names.find((each) => each.startsWith(`${first.id}.`) && each.endsWith('.mirror'))!;
    const text = await readFile(join(folder, name), 'utf8');
    await place.file(`mirrors/${name}`, text.replace('"state": "done"', '"state": "running"'));
    assert.equal((await plan(declaration, csv(row('b1')))).against, 'export');
  });

  it('is run by only one of two windows at a time', async () => {
    const declaration = declare('twice');
    const planned = await plan(declaration, csv(row('t1')));
    const other = window();
    const results = await Promise.allSettled(
      [mirrors, other].map((each) => each.run(place.connection, planned, places, {})),
    );
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const refused = results.find((result) => result.status === 'rejected');
    assert.match(String(refused?.reason), /being mirrored already/);
    other.dispose();
  });

  it('resumes an import that this window stopped waiting for, instead of creating a second segment', async () => {
    const declaration = declare('left');
    const planned = await plan(declaration, csv(row('l1')));
    const before = (await place.importJobs()).length;
    const stop = new AbortController();
    const runs = place.window();
    const impatient = new Mirrors({
      folder: join(place.folder, 'mirrors'),
      runs,
      log: noLog,
      clock: place.clock,
    });
    runs.onDidChange((run) => run?.import && run.state === 'running' && stop.abort());
    const left = await impatient.run(place.connection, planned, places, { signal: stop.signal });
    assert.equal(left.trouble?.code, 'cancelled');
    assert.equal((await place.importJobs()).length, before + 1);
    const again = await mirrors.plan(place.connection, planned.request, places, {});
    const record = await impatient.run(place.connection, again, places, {});
    assert.equal(record.outcome, 'mirrored', record.trouble?.message);
    assert.equal((await place.importJobs()).length, before + 1);
    impatient.dispose();
  });

  it('asks for an Id if names are ambiguous', async () => {
    const row1 = csv(row('n1'));
    const one = declare('one', { segment: 'Same' });
    await mirror(one, row1);
    await mirrors.run(place.connection, await plan(one, row1), places, { newSegment: true });
    const third = declare('three', { segment: 'Same' });
    await assert.rejects(plan(third, row1), /2 segments have the name Same: /);
    const [segment] = (await place.connection.audience.listSegments(place.projectId, {})).items;
    assert.equal((await plan({ ...third, segmentId: segment!.id }, row1)).segment?.id, segment?.id);
    await assert.rejects(
      plan(declare('x', { project: 'Nowhere' }), row1),
      /No project has this name: Nowhere/,
    );
  });

  it('removes the export that a killed process left on disk, but none that is being read', async () => {
    const folder = join(place.folder, 'mirrors');
    const [left, read] = ['export-0123456789abcdef', 'export-fedcba9876543210'];
    for (const name of [left, read]) await place.file(`mirrors/${name}/endpoints.ndjson`, '{"Id":"x"}\n');
    const other = new Leases(folder, { log: noLog });
    const lease = await other.acquire(read);
    await mirror(declare('tidy'), csv(row('y1')));
    const exports = (await readdir(folder)).filter((name) => /^export-[0-9a-f]+$/.test(name));
    assert.deepEqual(exports, [read]);
    await lease?.release();
    other.dispose();
  });

  it('stores no content of records', async () => {
    const folder = join(place.folder, 'mirrors');
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    assert.ok(names.some((name) => name.endsWith('.state')));
    for (const name of names) {
      const content = name.endsWith('.mirror') ? /@example|gold|\ba1\b/ : /@example|gold/;
      assert.doesNotMatch(await readFile(join(folder, name), 'latin1'), content);
    }
  });
});
