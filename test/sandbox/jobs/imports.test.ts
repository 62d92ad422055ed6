import assert from 'node:assert/strict';
import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteAppCommand, GetSegmentCommand } from '@aws-sdk/client-pinpoint';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { AudienceService } from '../../../src/aws/pinpoint/audienceService.ts';
import type { RunRecord, SourceFile } from '../../../src/jobs/runs/runRecord.ts';
import { hasEnded } from '../../../src/jobs/runs/runRecord.ts';
import type { ImportPlan, Runs } from '../../../src/jobs/runs/runs.ts';
import type { FaultRule } from '../../../src/sandbox/http/faults.ts';
import { Workplace } from './workplace.ts';

describe('imports', () => {
  let place: Workplace;
  let runs: Runs;

  beforeEach(async () => {
    place = await Workplace.open();
    runs = place.window();
    await runs.ready;
  });
  afterEach(() => place.close());

  async function start(files: readonly SourceFile[], change: Partial<ImportPlan> = {}): Promise<RunRecord> {
    return runs.startImport(place.connection, place.importPlan(files, change), {});
  }

  function faults(...rules: readonly FaultRule[]): void {
    place.sandbox.faults.set({ rules });
  }
  const onCreate = { service: 'mobiletargeting', method: 'POST', path: '/v1/apps/*/jobs/import' };
  const onRead = { service: 'mobiletargeting', method: 'GET', path: '/v1/apps/*/jobs/import/*' };

  it('are watched as new, even if the clock is set right after the job was created', async () => {
    let ahead = 0;
    let longest = 0;
    const jumping = place.window({
      clock: {
        now: () => place.clock.now() + ahead,
        elapsed: () => place.clock.elapsed(),
        sleep: (ms, ...signals) => {
          if (ahead > 0) longest = Math.max(longest, ms);
          return place.clock.sleep(ms, ...signals);
        },
      },
    });
    const audience: AudienceService = new Proxy(place.connection.audience, {
      get: (service, name: keyof AudienceService) => {
        const call = (service[name] as (...given: unknown[]) => unknown).bind(service);
        if (name !== 'createImportJob') return call;
        return async (...given: unknown[]) => {
          const created = await call(...given);
          ahead = 86_400_000;
          return created;
        };
      },
    });
    const plan = place.importPlan([await place.csv('people.csv', 3)]);
    const { id } = await jumping.startImport({ ...place.connection, audience }, plan, {});
    assert.equal((await jumping.waitFor(id)).state, 'completed');
    // Other loops of this window look around every 10 seconds.
    assert.ok(longest <= 15_000, `waited ${longest} ms`);
  });

  it('create a segment from a file, and the record holds every detail', async () => {
    const file = await place.csv('customers of spring.csv', 25);
    const states: string[] = [];
    const progress: [number, number | undefined][] = [];
    runs.onDidChange((record) => record && states.at(-1) !== record.state && states.push(record.state));
    const started = await runs.startImport(place.connection, place.importPlan([file]), {
      onProgress: (done, total) => progress.push([done, total]),
    });
    assert.equal(started.state, 'running');
    assert.ok(started.job?.segmentId);
    const record = await runs.waitFor(started.id);
    assert.deepEqual(states, ['staging', 'queued', 'starting', 'running', 'completed']);
    assert.deepEqual(progress.at(-1), [file.bytes, file.bytes]);
    assert.equal(record.job?.status, 'COMPLETED');
    assert.equal(record.job.totalProcessed, 25);
    assert.equal(record.error, undefined);
    assert.ok(record.ended);
    assert.equal(record.account, place.sandbox.account);
    assert.match(record.import!.files[0]!.sha256!, /^[0-9a-f]{64}$/);
    assert.equal(runs.get(record.job.id), runs.get(record.id));
    assert.deepEqual(runs.list(), [runs.get(record.id)]);

    const keys = await place.keys();
    assert.equal(keys.length, 1);
    assert.match(
      keys[0]!,
      /^imports\/\d{4}-\d\d-\d\d\/[0-9a-f]{32}\/part-1\.csv$/,
      'nothing of the name of the file',
    );
    assert.deepEqual(
      record.import!.staged.map(({ url }) => url),
      [`s3://staging/${keys[0]}`],
    );
    assert.equal((await place.importJobs())[0]!.Definition!.S3Url, `s3://staging/${record.import!.folder}`);
    const segment = await place.sandbox.pinpoint.send(
      new GetSegmentCommand({ ApplicationId: place.projectId, SegmentId: record.job.segmentId }),
    );
    assert.equal(segment.SegmentResponse!.ImportDefinition!.Size, 25);
  });

  it('accept several files in one job, small and large', async () => {
    const files = [
      await place.csv('a.csv', 3),
      await place.csv('b.csv', 4),
      await place.csv('c.csv', 1),
      await place.largeCsv('large.csv'),
    ];
    assert.ok(files[3]!.bytes > 8 * 1024 * 1024);
    const { id } = await start(files, { defineSegment: false });
    const record = await runs.waitFor(id);
    assert.equal(record.state, 'completed');
    assert.equal(record.job!.totalProcessed, 8_508);
    assert.deepEqual(
      record.import!.staged.map(({ url, bytes }) => [url.slice(-10), bytes]),
      files.map(({ bytes }, index) => [`part-${index + 1}.csv`, bytes]),
    );
    assert.equal((await place.importJobs()).length, 1);
  });

  it('accept NDJSON', async () => {
    const file = await place.file('x.json', '{"ChannelType":"EMAIL","Address":"a@example.com","Id":"1"}\n');
    const { id } = await start([file], { format: 'JSON' });
    const record = await runs.waitFor(id);
    assert.equal(record.state, 'completed');
    assert.match((await place.keys())[0]!, /part-1\.ndjson$/);
    const { ContentType } = await place.sandbox.s3.send(
      new GetObjectCommand({ Bucket: place.bucket, Key: (await place.keys())[0]! }),
    );
    assert.equal(ContentType, 'application/x-ndjson');
  });

  it('complete with failures if the service rejects some entries', async () => {
    const file = await place.file(
      'x.csv',
      'ChannelType,Address,Id,Location.Latitude,Location.Longitude\nEMAIL,a@example.com,1,,\nEMAIL,b@example.com,2,400,1\n',
    );
    const { id } = await start([file]);
    const record = await runs.waitFor(id);
    assert.equal(record.state, 'completed');
    assert.equal(record.job!.totalFailures, 1);
    assert.equal(record.job!.failures.length, 1);
  });

  it("fail with the job's reason, and keep the staged files for inspection", async () => {
    place.sandbox.faults.set({ jobs: [{ type: 'IMPORT' }] });
    const { id } = await start([await place.csv('x.csv', 5)]);
    const record = await runs.waitFor(id);
    assert.equal(record.state, 'failed');
    assert.equal(record.error?.code, 'service');
    assert.match(record.error.message, /could not complete the import/);
    assert.ok(record.error.help);
    assert.equal((await place.keys()).length, 1);
  });

  describe("that can't work", () => {
    const cases: readonly (readonly [string, () => Promise<Partial<ImportPlan>>, string, RegExp])[] = [
      ['no file', () => Promise.resolve({ files: [] }), 'bad-input', /No file/],
      ['a file that is gone', () => Promise.resolve({ files: [{ path: join(place.folder, 'gone.csv'), bytes: 1, modified: 1 }] }), 'not-found', /gone\.csv/],
      ['a folder', () => Promise.resolve({ files: [{ path: place.folder, bytes: 1, modified: 1 }] }), 'changed', /changed/],
      ['a file that changed since it was looked at', async () => {
        const file = await place.csv('c.csv', 1);
        await appendFile(file.path, 'x');
        return { files: [file] };
      }, 'changed', /c\.csv/],
      ['a bucket that does not exist', () => Promise.resolve({ bucket: 'not-there' }), 'not-found', /the bucket doesn't exist/],
      ['no name of a bucket', () => Promise.resolve({ bucket: '' }), 'bad-input', /bucket/],
      ['a wrong role ARN', () => Promise.resolve({ roleArn: 'arn:aws:iam::123456789012:user/x' }), 'bad-input', /import role/],
      ['a role of another account', () => Promise.resolve({ roleArn: 'arn:aws:iam::999999999999:role/x' }), 'bad-input', /another account/],
      ['a project that is gone', () => Promise.resolve({ projectId: 'gone' }), 'not-found', /list the import jobs/],
      ['neither a segment nor endpoints', () => Promise.resolve({ defineSegment: false, registerEndpoints: false }), 'bad-input', /neither/],
    ]; // prettier-ignore
    for (const [what, change, code, message] of cases) {
      it(`are rejected with one error before anything is written: ${what}`, async () => {
        const plan = place.importPlan([await place.csv('x.csv', 2)], await change());
        await assert.rejects(runs.startImport(place.connection, plan, {}), {
          name: 'AudienceError',
          code,
          message,
        });
        assert.deepEqual(runs.list(), []);
        assert.deepEqual(await place.keys(), []);
      });
    }

    it('are rejected before anything is written if the service is retired', async () => {
      place.sandbox.faults.set({ retired: true });
      await assert.rejects(start([await place.csv('x.csv', 2)]), { code: 'retired' });
      assert.deepEqual([runs.list(), await place.keys()], [[], []]);
    });

    const refusals: readonly (readonly [string, string, RegExp])[] = [
      ['NotAssumable', 'bad-input', /trust policy/],
      ['NotPassable', 'access-denied', /PassRole/],
      ['NoBucketAccess', 'bad-input', /permissions of the role/],
    ];
    for (const [role, code, help] of refusals) {
      it(`leave a record with the next step, and nothing in the bucket: ${role}`, async () => {
        const roleArn = `${place.roleArn}${role}`;
        await assert.rejects(start([await place.csv('x.csv', 2)], { roleArn }), { code });
        const [record] = runs.list();
        assert.equal(record?.state, 'failed');
        assert.equal(record.error?.code, code);
        assert.match(record.error.help ?? '', help);
        assert.deepEqual([await place.keys(), record.import!.staged], [[], []]);
        assert.deepEqual(await place.importJobs(), []);
      });
    }

    it("leave nothing if the service can't read the file", async () => {
      const file = await place.file('x.ndjson', '{ Id: "planted@example.com" }\n');
      await assert.rejects(start([file], { format: 'JSON' }), { code: 'bad-input' });
      assert.match(runs.list()[0]!.error!.help!, /json-syntax/);
      assert.doesNotMatch(JSON.stringify(runs.list()), /planted/);
      assert.deepEqual(await place.keys(), []);
    });
  });

  describe('over a bad connection', () => {
    const faultsOfCreate: readonly (readonly [string, readonly FaultRule[]])[] = [
      ['the answer is lost', [{ ...onCreate, fault: { kind: 'cut-answer' } }]],
      ['the request is lost', [{ ...onCreate, fault: { kind: 'cut-request' } }]],
      ['the service breaks', [{ ...onCreate, fault: { kind: 'server-error' } }]],
      ['the service breaks after the answer was lost', [
        { ...onCreate, fault: { kind: 'cut-answer' } },
        { service: 'mobiletargeting', method: 'GET', path: '/v1/apps/*/jobs/import', skip: 1, count: 4, fault: { kind: 'server-error' } },
      ]],
      ['the service is asked too often', [{ ...onCreate, count: 3, fault: { kind: 'throttle' } }]],
    ]; // prettier-ignore
    for (const [what, rules] of faultsOfCreate) {
      it(`start exactly one job if ${what}`, async () => {
        faults(...rules);
        const { id } = await start([await place.csv('x.csv', 5)]);
        const record = await runs.waitFor(id);
        assert.equal(record.state, 'completed');
        assert.equal(record.trouble, undefined);
        const jobs = await place.importJobs();
        assert.deepEqual(
          jobs.map(({ Id }) => Id),
          [record.job!.id],
        );
      });
    }

    it('are found among other jobs, page by page, if the response is lost', async () => {
      const { audience } = place.connection;
      const body = 'ChannelType,Address,Id\nEMAIL,a@example.com,1\n';
      await place.sandbox.s3.send(new PutObjectCommand({ Bucket: 'staging', Key: 'theirs.csv', Body: body }));
      const startTheirs = async (): Promise<void> => {
        const { roleArn } = place;
        const theirs = { format: 'CSV', s3Url: 's3://staging/theirs.csv', roleArn } as const;
        await audience.createImportJob(place.projectId, { ...theirs, registerEndpoints: true });
      };
      let looks = 0;
      const paged = new Proxy(audience, {
        get: (service, name: keyof AudienceService) => {
          if (name !== 'listJobs') return (service[name] as (...given: unknown[]) => unknown).bind(service);
          return async (...[kind, projectId, page]: Parameters<AudienceService['listJobs']>) => {
            looks += 1;
            // The newest come first.
            if (looks === 2) for (let other = 0; other < 3; other += 1) await startTheirs();
            return service.listJobs(kind, projectId, { ...page, pageSize: 1 });
          };
        },
      });
      await startTheirs();
      faults({ ...onCreate, fault: { kind: 'cut-answer' } });
      const plan = place.importPlan([await place.csv('x.csv', 5)]);
      const { id } = await runs.startImport({ ...place.connection, audience: paged }, plan, {});
      const record = await runs.waitFor(id);
      assert.deepEqual([record.state, record.adopted, looks], ['completed', true, 1 + 4 + 5]);
      const jobs = await place.importJobs();
      assert.equal(jobs.length, 5);
      const ours = jobs.filter(({ Definition }) => Definition!.S3Url!.endsWith(record.import!.folder));
      assert.deepEqual(
        ours.map(({ Id }) => Id),
        [record.job!.id],
      );
    });

    it('continue after a sign-in if the credentials expire between upload and start', async () => {
      faults({ ...onCreate, fault: { kind: 'expired-credentials' } });
      await assert.rejects(start([await place.csv('x.csv', 5)]), { code: 'credentials' });
      const [waiting] = runs.list();
      assert.equal(waiting?.state, 'starting');
      assert.equal(waiting.trouble?.code, 'credentials');
      await runs.resume(place.connection);
      const record = await runs.waitFor(waiting.id);
      assert.deepEqual([record.state, record.trouble], ['completed', undefined]);
      assert.equal((await place.importJobs()).length, 1);
    });

    it('are watched through failed requests, truncated responses, throttling and expired credentials', async () => {
      place.sandbox.faults.set({
        paceMs: 150,
        rules: [
          { ...onRead, skip: 1, fault: { kind: 'server-error' } },
          { ...onRead, fault: { kind: 'cut-answer', afterBytes: 10 } },
          { ...onRead, fault: { kind: 'cut-request' } },
          { ...onRead, fault: { kind: 'throttle' } },
          { ...onRead, fault: { kind: 'expired-credentials' } },
        ],
      });
      const troubles = new Set<string | undefined>();
      runs.onDidChange((record) => troubles.add(record?.trouble?.code));
      const { id } = await start([await place.csv('x.csv', 5)]);
      const record = await runs.waitFor(id);
      assert.deepEqual([record.state, record.trouble], ['completed', undefined]);
      assert.ok(troubles.has('credentials'));
    });

    it('end if the project is deleted meanwhile', async () => {
      place.sandbox.faults.set({ paceMs: 60_000 });
      const { id } = await start([await place.csv('x.csv', 5)]);
      await place.sandbox.pinpoint.send(new DeleteAppCommand({ ApplicationId: place.projectId }));
      const record = await runs.waitFor(id);
      assert.deepEqual([record.state, record.error?.code], ['failed', 'not-found']);
    });

    it('end if the service is retired meanwhile', async () => {
      place.sandbox.faults.set({ paceMs: 60_000 });
      const { id } = await start([await place.csv('x.csv', 5)]);
      place.sandbox.faults.set({ paceMs: 60_000, retired: true });
      const record = await runs.waitFor(id);
      assert.deepEqual([record.state, record.error?.code], ['failed', 'retired']);
    });
  });

  describe('that are cancelled', () => {
    it('leave either a job or nothing, at any time', async () => {
      const files = [await place.csv('small.csv', 10), await place.largeCsv('large.csv')];
      const outcomes = new Map<string, number>();
      for (let round = 0; round < 16; round += 1) {
        const cancel = new AbortController();
        const before = (await place.importJobs()).length;
        const keysBefore = (await place.keys()).length;
        const control = { signal: cancel.signal };
        const run = runs.startImport(place.connection, place.importPlan(files), control);
        const outcome = run.then(
          () => 'started',
          (error: unknown) => (error as { code: string }).code,
        );
        await sleep(round === 0 ? 0 : Math.random() * 450);
        cancel.abort();
        const end = await outcome;
        outcomes.set(end, (outcomes.get(end) ?? 0) + 1);
        const [latest] = runs.list();
        const jobs = (await place.importJobs()).length - before;
        const keys = (await place.keys()).length - keysBefore;
        assert.equal(await place.unfinishedUploads(), 0);
        if (end === 'started') {
          assert.deepEqual([jobs, keys], [1, 2]);
          await runs.waitFor((await run).id);
        } else {
          assert.equal(end, 'cancelled');
          assert.deepEqual([jobs, keys], [0, 0], `round ${round}`);
          if (latest !== undefined && !hasEnded(latest)) assert.fail(`the run is still ${latest.state}`);
        }
      }
      assert.ok((outcomes.get('cancelled') ?? 0) > 0, 'some were cancelled on the way');
    });

    it("are cleaned up later if that can't be done at once", async () => {
      const cancel = new AbortController();
      const slow = {
        service: 's3',
        method: 'PUT',
        skip: 1,
        count: null,
        fault: { kind: 'slow', delayMs: 300 },
      } as const;
      faults(
        slow,
        { service: 's3', method: 'POST', path: '/staging', count: null, fault: { kind: 'server-error' } },
        { service: 's3', method: 'POST', path: '/staging/', count: null, fault: { kind: 'server-error' } },
      );
      const files = [await place.csv('a.csv', 2), await place.csv('b.csv', 2)];
      const run = runs.startImport(place.connection, place.importPlan(files), { signal: cancel.signal });
      const rejected = assert.rejects(run, { code: 'cancelled' });
      while ((await place.keys()).length === 0) await sleep(5);
      cancel.abort();
      await rejected;
      const [record] = runs.list();
      assert.equal(record?.state, 'cancelled');
      assert.equal(record.import!.leftovers, true);
      faults();
      await runs.resume(place.connection);
      while (runs.get(record.id)?.import?.leftovers === true) await sleep(5);
      assert.deepEqual(await place.keys(), []);
    });
  });

  it('delete their staged files when they end, on request or after success', async () => {
    const file = await place.csv('x.csv', 5);
    const { id } = await start([file]);
    await assert.rejects(runs.deleteStaged(place.connection, 'nothing'), { code: 'not-found' });
    await runs.waitFor(id);
    const other = await start([file]);
    await runs.waitFor(other.id);
    // The lease is given back just after the end.
    let deleted: number | undefined;
    while (deleted === undefined) {
      deleted = await runs.deleteStaged(place.connection, id).catch(() => undefined);
    }
    assert.equal(deleted, 1);
    assert.deepEqual(await place.keys(), [`${other.import!.folder}part-1.csv`], 'the other stays');
    assert.deepEqual(runs.get(id)!.import!.staged, []);
    assert.ok(runs.get(id)!.import!.stagedDeleted);
    await assert.rejects(runs.deleteStaged(place.connection, id), { code: 'bad-input' });

    const third = await start([file], { deleteAfterImport: true });
    await runs.waitFor(third.id);
    while (runs.get(third.id)!.import!.leftovers === true) await sleep(5);
    assert.deepEqual(await place.keys(third.import!.folder), []);
    const bad = await place.file(
      'y.csv',
      'ChannelType,Address,Id,Location.Latitude,Location.Longitude\nEMAIL,b@example.com,2,400,1\n',
    );
    const fourth = await start([bad], { deleteAfterImport: true });
    await runs.waitFor(fourth.id);
    assert.equal(runs.get(fourth.id)!.import!.leftovers, undefined);
    assert.equal((await place.keys(fourth.import!.folder)).length, 1, 'failed entries are worth a look');
  });

  it('use file names in keys only on request', async () => {
    const files = [await place.csv('Kunden Frühjahr.csv', 2), await place.csv('b/Kunden Frühjahr.csv', 3)];
    const { id, import: run } = await start(files, { sourceNames: true });
    await runs.waitFor(id);
    assert.deepEqual(await place.keys(), [
      `${run!.folder}1-Kunden-Frühjahr.csv`,
      `${run!.folder}2-Kunden-Frühjahr.csv`,
    ]);
    assert.equal(runs.get(id)!.job!.totalProcessed, 5);
  });

  for (const what of ['an object', 'a folder'] as const) {
    it(`read ${what} already in the bucket, and delete nothing`, async () => {
      const body = 'ChannelType,Address,Id\nEMAIL,a@example.com,1\n';
      await place.sandbox.s3.send(
        new PutObjectCommand({ Bucket: 'staging', Key: 'mine/2026/x.csv', Body: body }),
      );
      const from = what === 'an object' ? 'mine/2026/x.csv' : 'mine/';
      const { id } = await start([], { from, deleteAfterImport: true });
      const record = await runs.waitFor(id);
      assert.equal(record.state, 'completed');
      assert.equal(record.job!.totalProcessed, 1);
      assert.equal((await place.importJobs())[0]!.Definition!.S3Url, `s3://staging/${from}`);
      await assert.rejects(runs.deleteStaged(place.connection, id), { code: 'bad-input' });
      await assert.rejects(start([], { from, roleArn: `${place.roleArn}NotPassable` }), {
        code: 'access-denied',
      });
      await assert.rejects(start([await place.csv('x.csv', 1)], { from }), { code: 'bad-input' });
      assert.deepEqual(await place.keys(), ['mine/2026/x.csv']);
    });
  }

  it("of the same object by two people aren't confused if a response is lost", async () => {
    const body = 'ChannelType,Address,Id\nEMAIL,a@example.com,1\n';
    await place.sandbox.s3.send(new PutObjectCommand({ Bucket: 'staging', Key: 'x.csv', Body: body }));
    const first = await runs.waitFor((await start([], { from: 'x.csv' })).id);
    faults({ ...onCreate, fault: { kind: 'cut-request' } });
    const second = await runs.waitFor((await start([], { from: 'x.csv' })).id);
    assert.notEqual(second.job!.id, first.job!.id);
    assert.equal((await place.importJobs()).length, 2);
  });

  it('are forgotten on request, even running ones, but not while they are being started', async () => {
    place.sandbox.faults.set({ paceMs: 60_000 });
    const { id } = await start([await place.csv('x.csv', 5)]);
    await runs.forget(id);
    assert.equal(runs.get(id), undefined);
    await assert.rejects(runs.waitFor(id), { code: 'not-found' });

    place.sandbox.faults.set({ rules: [{ ...onCreate, fault: { kind: 'slow', delayMs: 400 } }] });
    const starting = start([await place.csv('y.csv', 5)]);
    while (runs.list()[0]?.state !== 'starting') await sleep(5);
    await assert.rejects(runs.forget(runs.list()[0]!.id), { code: 'bad-input' });
    await starting;
  });

  it('are notified by one window only', async () => {
    const other = place.window();
    const { id } = await start([await place.csv('x.csv', 5)]);
    await runs.waitFor(id);
    while (other.get(id)?.state !== 'completed') await sleep(5);
    const told = await Promise.all([runs, other, runs, other].map((window) => window.markNotified(id)));
    assert.deepEqual(told.filter(Boolean).length, 1);
    assert.equal(runs.get(id)!.notified, true);
  });

  it('put no content of a file, and of its name only the path, into logs, keys and records', async () => {
    await runs.waitFor((await start([await place.csv('x.csv', 50)])).id);
    place.sandbox.faults.set({ jobs: [{ type: 'IMPORT' }] });
    await runs.waitFor((await start([await place.csv('y.csv', 50)])).id);
    await assert.rejects(
      start([await place.file('z.ndjson', '{ planted: "planted@example.com" }\n')], { format: 'JSON' }),
    );
    assert.ok(place.log.length > 10);
    for (const line of place.log) assert.doesNotMatch(line, /planted|AKIA/);
    assert.doesNotMatch((await place.keys()).join(' '), /[xyz]\.(csv|ndjson)/);
    // The lease is given back just after the end.
    let left: string[] = [];
    do left = (await readdir(join(place.folder, 'runs'))).filter((name) => !name.endsWith('.run'));
    while (left.some((name) => name.endsWith('.lease')));
    assert.deepEqual(left, ['owners'], 'no temporary file is left');
  });
});
