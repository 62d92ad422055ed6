import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ImportJobRequest, ImportJobResponse } from '@aws-sdk/client-pinpoint';
import {
  BadRequestException,
  DeleteAppCommand,
  GetImportJobsCommand,
  GetSegmentImportJobsCommand,
  NotFoundException,
  PinpointServiceException,
  UpdateSegmentCommand,
} from '@aws-sdk/client-pinpoint';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox } from '../../support/sandbox.ts';
import { Project, role } from './project.ts';

const badFormat =
  /^The data we received didn't match the format we expected for the createImportJob operation\./;

describe('Pinpoint import jobs', () => {
  let sandbox: TestSandbox;
  let project: Project;
  before(async () => {
    sandbox = await startTestSandbox();
  });
  after(() => sandbox.close());
  beforeEach(async () => {
    project = await Project.create(sandbox);
  });
  afterEach(() => {
    sandbox.faults.set({});
  });

  const refused = async (request: Partial<ImportJobRequest>, message: RegExp): Promise<void> => {
    await assert.rejects(project.createImport(request), (error) => {
      assert.ok(error instanceof BadRequestException, String(error));
      assert.match(error.message, message);
      return true;
    });
    const jobs = await sandbox.pinpoint.send(new GetImportJobsCommand({ ApplicationId: project.id }));
    assert.deepEqual(jobs.ImportJobsResponse?.Item, []);
  };
  const refusedText = async (text: string | Buffer, Format: 'CSV' | 'JSON', message: RegExp): Promise<void> =>
    refused({ Format, S3Url: await project.stage('in/file', text) }, message);
  const counts = (job: ImportJobResponse): unknown[] => [
    job.JobStatus,
    job.TotalProcessed,
    job.TotalFailures,
    job.FailedPieces,
  ];

  it('register the endpoints of a CSV file', async () => {
    const job = await project.import(
      [
        'ChannelType,Id,Address,OptOut,Attributes.likes,Attributes.likes,Metrics.a.b,User.UserId,User.UserAttributes.name,' +
          'Location.Latitude,Location.Longitude,Location.Country,Demographic.Locale,EffectiveDate',
        'EMAIL,one,one@example.com,ALL,tea,"rain, ""snow""",1.5,u1,Ada,47.26,-122.33,US,en_US,2026-01-02T03:04:05.678Z',
        'SMS,two,+12065550100,,,,,,,,,,,',
        '',
      ].join('\r\n'),
    );
    assert.deepEqual(counts(job), ['COMPLETED', 2, 0, 0]);
    const { CreationDate, CohortId, ...one } = await project.endpoint('one');
    assert.ok(CreationDate !== undefined && CohortId !== undefined);
    assert.deepEqual(one, {
      ApplicationId: project.id,
      Id: 'one',
      ChannelType: 'EMAIL',
      Address: 'one@example.com',
      OptOut: 'ALL',
      EndpointStatus: 'ACTIVE',
      EffectiveDate: '2026-01-02T03:04:05.678Z',
      Attributes: { likes: ['tea', 'rain, "snow"'] },
      Metrics: { 'a.b': 1.5 },
      User: { UserId: 'u1', UserAttributes: { name: ['Ada'] } },
      Location: { Latitude: 47.3, Longitude: -122.3, Country: 'US' },
      Demographic: { Locale: 'en_US' },
    });
    assert.equal((await project.endpoint('two')).OptOut, 'NONE');
  });

  it('respond as documented: the whole definition at once, the counts at the end', async () => {
    const S3Url = await project.stage(
      'in/a.json',
      '{"ChannelType":"EMAIL","Address":"a@example.com","Id":"a"}',
    );
    const created = await project.createImport({ Format: 'JSON', S3Url, RegisterEndpoints: true });
    const definition = {
      DefineSegment: false,
      ExternalId: sandbox.account,
      Format: 'JSON',
      RegisterEndpoints: true,
      RoleArn: role,
      S3Url,
    };
    assert.deepEqual(created.Definition, definition);
    assert.equal(created.JobStatus, 'CREATED');
    assert.equal(created.TotalProcessed, undefined);
    const ended = await project.importEnded(created.Id!);
    assert.match(ended.CompletionDate!, /Z$/);
    assert.deepEqual(ended, {
      ApplicationId: project.id,
      CreationDate: created.CreationDate,
      CompletionDate: ended.CompletionDate,
      Definition: definition,
      Id: created.Id,
      JobStatus: 'COMPLETED',
      Type: 'IMPORT',
      TotalPieces: 1,
      CompletedPieces: 1,
      FailedPieces: 0,
      TotalFailures: 0,
      TotalProcessed: 1,
    });
  });

  it('update existing endpoints by Id in any case, and create none from an Id alone', async () => {
    await project.put({
      Id: 'One',
      ChannelType: 'EMAIL',
      Address: 'one@example.com',
      Attributes: { a: ['1'], b: ['2'] },
    });
    const job = await project.import('Id,Attributes.a,Metrics.score\nONE,3,4\nnobody,1,1\n');
    assert.deepEqual(counts(job), ['COMPLETED', 2, 1, 0]);
    assert.match(job.Failures![0]!, /^ChannelType is required for a new endpoint/);
    const endpoint = await project.endpoint('one');
    assert.deepEqual(endpoint.Attributes, { a: ['3'], b: ['2'] });
    assert.deepEqual(endpoint.Metrics, { score: 4 });
    assert.equal(endpoint.Address, 'one@example.com');
  });

  it('derive the Id of a record without one from its address, so that importing it again updates', async () => {
    await project.import('ChannelType,Address\nEMAIL,A@example.com\nSMS,+12065550100\n');
    const idOf = (address: string): string =>
      createHash('sha1').update(address).digest('base64').replaceAll('=', '').toLowerCase();
    const ids = [idOf('A@example.com'), idOf('+12065550100')];
    assert.match(ids[0]!, /^[a-z0-9+/]{27}$/);
    assert.deepEqual(await project.exportedIds(), ids.sort());
    await project.import('ChannelType,Address,Attributes.again\nEMAIL,A@example.com,yes\n');
    assert.deepEqual(await project.exportedIds(), ids.sort());
    const endpoint = await project.endpoint(idOf('A@example.com'));
    assert.deepEqual([endpoint.Attributes, endpoint.EndpointStatus], [{ again: ['yes'] }, 'ACTIVE']);
  });

  it('ignore other objects beside the files in a folder', async () => {
    await project.stage('none/README.txt', 'Made by a job, every night.\n');
    await project.stage('none/_SUCCESS', '');
    await refused({ S3Url: `s3://${project.bucket}/none/` }, badFormat);
    const folder = async (
      name: string,
      file: string,
      text: string,
      Format: 'CSV' | 'JSON',
    ): Promise<void> => {
      await project.stage(`${name}/_SUCCESS`, '');
      await project.stage(`${name}/README.txt`, 'Made by a job, every night.\n');
      await project.stage(`${name}/${file}`, text);
      const { Id } = await project.createImport({ S3Url: `s3://${project.bucket}/${name}/`, Format });
      assert.deepEqual(counts(await project.importEnded(Id!)), ['COMPLETED', 1, 0, 0]);
    };
    await folder('spark-csv', 'part-00000', 'ChannelType,Address,Id\nEMAIL,a@example.com,a\n', 'CSV');
    await folder(
      'spark-json',
      'part-00000',
      '{"ChannelType":"EMAIL","Address":"b@example.com","Id":"b"}\n',
      'JSON',
    );
    assert.deepEqual(await project.exportedIds(), ['a', 'b']);
  });

  it('register endpoints if DefineSegment is false and RegisterEndpoints is missing', async () => {
    const job = await project.import('ChannelType,Address,Id\nEMAIL,a@example.com,a\n', {
      DefineSegment: false,
    });
    assert.equal(job.Definition?.RegisterEndpoints, true);
    assert.deepEqual(await project.exportedIds(), ['a']);
  });

  it("don't block other requests", async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `EMAIL,e${index}@example.com,e${index}\n`);
    const S3Url = await project.stage('in/many.csv', `ChannelType,Address,Id\n${rows.join('')}`);
    const { Id } = await project.createImport({ S3Url });
    const seen = new Set<number>();
    for (;;) {
      const job = await project.getImport(Id!);
      if (job.JobStatus === 'PROCESSING') seen.add(job.TotalProcessed ?? 0);
      if (job.JobStatus === 'COMPLETED') break;
    }
    assert.ok(seen.size >= 5, `Only ${seen.size} requests were answered while the file was read`);
  });

  it('count bad records, report the first hundred, and import the good ones', async () => {
    const bad: readonly (readonly [string, RegExp])[] = [
      ['{"Id":"1","ChannelType":"FCM","Address":"token-of-device"}', /^ChannelType must be one of/],
      [
        '{"Id":"2","ChannelType":"EMAIL","Address":"x@example.com","Color":"red"}',
        /^Color isn't a supported/,
      ],
      ['{"ChannelType":"EMAIL"}', /^Address is required/],
      [
        '{"Id":"3","ChannelType":"EMAIL","Address":"x@example.com","Attributes":{"a":"b"}}',
        /must be an array/,
      ],
      ['{"User":{"UserId":"nobody"}}', /^No endpoint has this User.UserId/],
      ['["not","an","object"]', /must be an object/],
    ];
    const good = '{"Id":"good","ChannelType":"EMAIL","Address":"good@example.com"}';
    const job = await project.import([good, '', ...bad.map(([line]) => line)].join('\n'));
    assert.deepEqual(counts(job), ['COMPLETED', 7, 6, 0]);
    bad.forEach(([line, message], index) => {
      assert.match(job.Failures![index]!, message);
      assert.ok(job.Failures![index]!.endsWith(` at [Source: (String)"${line}"]`), job.Failures![index]);
    });
    assert.deepEqual(await project.exportedIds(), ['good']);

    const many = await project.import(`${good}\n${`${bad[0]![0]}\n`.repeat(250)}`);
    assert.deepEqual(counts(many), ['COMPLETED', 251, 250, 0]);
    assert.equal(many.Failures!.length, 100);
  });

  it('count bad CSV records: too many cells, line breaks, tabs, quotes, invalid numbers', async () => {
    const job = await project.import(
      [
        'ChannelType,Address,Id,Metrics.m,Attributes.a',
        'EMAIL,a@example.com,a,1',
        'EMAIL,b@example.com,b,1,x,y',
        'EMAIL,c@example.com,c,1,"two',
        'lines"',
        'EMAIL,d@example.com,d,1,"a\ttab"',
        'EMAIL,e@example.com,e,many,x',
        'EMAIL,f@example.com,f,1,a"quote',
        'EMAIL,g@example.com,g,,ok',
      ].join('\n'),
    );
    assert.deepEqual(counts(job), ['COMPLETED', 7, 6, 0]);
    assert.deepEqual(await project.exportedIds(), ['g']);
  });

  it("fail if an object can't be read, and keep the records of the others", async () => {
    await project.stage('mixed/1.csv', 'ChannelType,Address,Id\nEMAIL,a@example.com,a\n');
    await project.stage('mixed/2.csv', 'ChannelType,Adress,Id\nEMAIL,b@example.com,b\n');
    await project.stage(
      'mixed/3.csv',
      'ChannelType,Address,Id\nEMAIL,c@example.com,c\nEMAIL,"d@example.com,d\n',
    );
    await project.stage('mixed/4.csv', 'ChannelType,Address,Id\nEMAIL,e@example.com,e\n');
    const { Id, Definition } = await project.createImport({
      S3Url: `s3://${project.bucket}/mixed/`,
      DefineSegment: true,
    });
    const job = await project.importEnded(Id!);
    assert.deepEqual(counts(job), ['FAILED', 3, 0, 2]);
    assert.equal(job.CompletedPieces, 2);
    assert.match(job.Failures![0]!, /mixed\/2\.csv: The column 'Adress' isn't a supported attribute/);
    assert.match(job.Failures![1]!, /mixed\/3\.csv: A quote isn.t closed/);
    assert.deepEqual(await project.exportedIds(), ['a', 'c', 'e']);
    await assert.rejects(project.segment(Definition!.SegmentId!), NotFoundException);
  });

  it('count bad JSON after the first object as bad records', async () => {
    await project.stage('in/1.json', '{"Id":"a","ChannelType":"EMAIL","Address":"a@example.com"}');
    await project.stage('in/2.json', Buffer.from('{"Id":"b"\n{"Id":"c\xff"}\n', 'latin1'));
    const { Id } = await project.createImport({ Format: 'JSON', S3Url: `s3://${project.bucket}/in/` });
    const job = await project.importEnded(Id!);
    assert.deepEqual(counts(job), ['COMPLETED', 3, 2, 0]);
    assert.match(job.Failures![0]!, /^Unexpected end-of-input: expected close marker for Object/);
    assert.match(job.Failures![1]!, /^The line isn't valid UTF-8/);
  });

  it('read every object of the format whose key starts with the prefix', async () => {
    const row = (id: string): string => `ChannelType,Address,Id\nEMAIL,${id}@example.com,${id}\n`;
    await project.stage('test', row('a'));
    await project.stage('test/deep/b.csv', row('b'));
    await project.stage('test2/c.CSV', row('c'));
    await project.stage('test/other.json', '{"broken');
    await project.stage('test/', '');
    await project.stage('other/d.csv', row('d'));
    const { Id } = await project.createImport({ S3Url: `s3://${project.bucket}/test` });
    const job = await project.importEnded(Id!);
    assert.deepEqual(counts(job), ['COMPLETED', 3, 0, 0]);
    assert.equal(job.TotalPieces, 3);
    assert.deepEqual(await project.exportedIds(), ['a', 'b', 'c']);
  });

  describe('with a segment', () => {
    const csv = 'ChannelType,Address,Id\nEMAIL,a@example.com,a\nSMS,+12065550100,b\nEMAIL,a@example.com,A\n';

    it('report its Id at once and create it when they are done', async () => {
      const S3Url = await project.stage('in/a.csv', csv);
      const created = await project.createImport({ S3Url, DefineSegment: true, SegmentName: 'Spring' });
      const SegmentId = created.Definition!.SegmentId!;
      assert.match(SegmentId, /^[0-9a-f]{32}$/);
      await project.importEnded(created.Id!);
      const segment = await project.segment(SegmentId);
      assert.equal(segment.SegmentType, 'IMPORT');
      assert.equal(segment.Name, 'Spring');
      assert.equal(segment.Version, 1);
      assert.deepEqual(segment.ImportDefinition, {
        ChannelCounts: { EMAIL: 1, SMS: 1 },
        ExternalId: sandbox.account,
        Format: 'CSV',
        RoleArn: role,
        S3Url,
        Size: 3,
      });
      const jobs = await sandbox.pinpoint.send(
        new GetSegmentImportJobsCommand({ ApplicationId: project.id, SegmentId }),
      );
      assert.deepEqual(
        jobs.ImportJobsResponse?.Item?.map(({ Id }) => Id),
        [created.Id],
      );
      assert.deepEqual(await project.exportedIds({ SegmentId }), ['a', 'b']);
    });

    it('add all endpoints of listed users to it', async () => {
      const of = (Id: string, UserId: string): object => ({
        Id,
        ChannelType: 'EMAIL' as const,
        Address: `${Id}@example.com`,
        User: { UserId },
      });
      await project.put(of('a', 'u'), of('b', 'u'), of('c', 'v'), of('d', 'w'));
      const json = await project.import('{"User":{"UserId":"u"}}\n{"User":{"UserId":"x"}}\n', {
        DefineSegment: true,
      });
      assert.deepEqual(counts(json), ['COMPLETED', 2, 1, 0]);
      assert.deepEqual(await project.exportedIds({ SegmentId: json.Definition!.SegmentId }), ['a', 'b']);
      const text = await project.import('User.UserId\nu v\nw\n', { DefineSegment: true });
      assert.deepEqual(counts(text), ['COMPLETED', 3, 0, 0]);
      assert.deepEqual(await project.exportedIds({ SegmentId: text.Definition!.SegmentId }), [
        'a',
        'b',
        'c',
        'd',
      ]);
      const withUser = await project.import('ChannelType,Address,Id,User.UserId\nEMAIL,e@example.com,e,u\n', {
        DefineSegment: true,
      });
      assert.deepEqual(await project.exportedIds({ SegmentId: withUser.Definition!.SegmentId }), [
        'a',
        'b',
        'e',
      ]);
    });

    it("can leave the project's endpoints unchanged", async () => {
      await project.put({ Id: 'a', ChannelType: 'EMAIL', Address: 'old@example.com' });
      const job = await project.import(csv, { DefineSegment: true, RegisterEndpoints: false });
      assert.deepEqual(counts(job), ['COMPLETED', 3, 0, 0]);
      assert.equal((await project.endpoint('a')).Address, 'old@example.com');
      await assert.rejects(project.endpoint('b'), NotFoundException);
      const lines = await project.export({ SegmentId: job.Definition!.SegmentId });
      assert.deepEqual(
        lines.map(({ Id, Address }) => [Id, Address]),
        [
          ['a', 'old@example.com'],
          ['b', '+12065550100'],
        ],
      );
      assert.deepEqual((await project.segment(job.Definition!.SegmentId!)).ImportDefinition?.ChannelCounts, {
        EMAIL: 1,
        SMS: 1,
      });
      assert.deepEqual(await project.exportedIds(), ['a']);
    });

    for (const [refresh, members, size] of [
      ['replace', ['c'], 1],
      ['append', ['a', 'b', 'c'], 4],
    ] as const) {
      it(`${refresh} its members when it is refreshed, as the sandbox is set`, async () => {
        const first = await project.import(csv, { DefineSegment: true, SegmentName: 'Spring' });
        const SegmentId = first.Definition!.SegmentId!;
        sandbox.faults.set({ segmentRefresh: refresh });
        const second = await project.import('ChannelType,Address,Id\nEMAIL,c@example.com,c\n', { SegmentId });
        assert.deepEqual(counts(second), ['COMPLETED', 1, 0, 0]);
        const segment = await project.segment(SegmentId);
        assert.deepEqual(
          [segment.Version, segment.Name, segment.ImportDefinition?.Size],
          [2, 'Spring', size],
        );
        assert.equal(segment.ImportDefinition?.S3Url, second.Definition!.S3Url);
        assert.deepEqual(await project.exportedIds({ SegmentId }), members);
        assert.deepEqual(await project.exportedIds({ SegmentId, SegmentVersion: 1 }), ['a', 'b']);
      });
    }

    it('can rename it, but not add dimensions', async () => {
      const job = await project.import(csv, { DefineSegment: true });
      const SegmentId = job.Definition!.SegmentId!;
      assert.equal((await project.segment(SegmentId)).Name, undefined);
      const update = (request: object): Promise<unknown> =>
        sandbox.pinpoint.send(
          new UpdateSegmentCommand({ ApplicationId: project.id, SegmentId, WriteSegmentRequest: request }),
        );
      await update({ Name: 'Named' });
      await assert.rejects(update({ Dimensions: {} }), BadRequestException);
      assert.equal((await project.segment(SegmentId)).Name, 'Named');
      assert.deepEqual(await project.exportedIds({ SegmentId }), ['a', 'b']);
    });
  });

  describe('are rejected at once', () => {
    it("if the first object has bad JSON, with Jackson's message", async () => {
      await refusedText(
        '{ Id: "a" }\n',
        'JSON',
        /^Unexpected character \('I' \(code 73\)\): was expecting double-quote to start field name\n at \[Source: \(String\)"\{ Id: "a" \}\n"; line: 1, column: 4\]$/,
      );
      await refusedText(
        '{"Id":"a"}\n\n{"Id":"b",}\n',
        'JSON',
        /start field name\n at .*; line: 3, column: 12\]$/s,
      );
    });

    it('if the first object has another format', async () => {
      await refusedText('ChannelType,address\nEMAIL,a@example.com\n', 'CSV', badFormat);
      await refusedText('ChannelType,Location.City\nEMAIL,Lyon\n', 'CSV', badFormat);
      await refusedText('ChannelType,Address,Address\n', 'CSV', badFormat);
      await refusedText('', 'CSV', badFormat);
      await refusedText('\n', 'JSON', badFormat);
      await refusedText('[{"Id":"a"}]', 'JSON', badFormat);
      await refusedText(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]), 'CSV', badFormat);
    });

    it('if there is nothing to read, or a bucket is missing', async () => {
      await refused({ S3Url: `s3://${project.bucket}/nothing/` }, /No CSV files found at s3:/);
      await refused({ S3Url: 's3://there-is-no-such-bucket-here/a.csv' }, /bucket does not exist/);
      await refused({ S3Url: `https://${project.bucket}/a.csv` }, /S3Url must have the form s3:/);
    });

    it('if neither endpoints nor a segment are requested, or the request is incomplete', async () => {
      const S3Url = await project.stage('in/a.csv', 'ChannelType,Address\nEMAIL,a@example.com\n');
      await refused(
        { S3Url, DefineSegment: false, RegisterEndpoints: false },
        /At least one of DefineSegment/,
      );
      await refused({ S3Url, Format: 'XML' as 'CSV' }, /Format must be CSV or JSON/);
      await refused({ S3Url, RoleArn: '' }, /RoleArn is required/);
      await assert.rejects(project.createImport({ S3Url, SegmentId: 'nowhere' }), NotFoundException);
      const dynamic = await project.createSegment({ Name: 'd' });
      await refused({ S3Url, SegmentId: dynamic.Id }, /isn't an imported segment/);
    });

    it("if the role doesn't work", async () => {
      const S3Url = await project.stage('in/a.csv', 'ChannelType,Address\nEMAIL,a@example.com\n');
      await refused({ S3Url, RoleArn: 'importer' }, /RoleArn isn't the ARN of a role/);
      await refused({ S3Url, RoleArn: role.replace('123456789012', '210987654321') }, /another account/);
      await refused({ S3Url, RoleArn: `${role}NotAssumable` }, /can't assume the role/);
      await refused({ S3Url, RoleArn: `${role}NoBucketAccess` }, /Access Denied/);
      await assert.rejects(project.createImport({ S3Url, RoleArn: `${role}NotPassable` }), (error) => {
        assert.ok(error instanceof PinpointServiceException);
        assert.equal(error.name, 'AccessDeniedException');
        assert.equal(error.$metadata.httpStatusCode, 403);
        assert.match(error.message, /is not authorized to perform: iam:PassRole on resource/);
        return true;
      });
    });
  });

  it('show progress: states in order, growing counts', async () => {
    sandbox.faults.set({ paceMs: 200 });
    const rows = Array.from({ length: 500 }, (_, index) => `EMAIL,e${index}@example.com,e${index}\n`);
    const S3Url = await project.stage('in/a.csv', `ChannelType,Address,Id\n${rows.join('')}`);
    const { Id } = await project.createImport({ S3Url, DefineSegment: true });
    const states: string[] = [];
    const processed: number[] = [];
    while (states.at(-1) !== 'COMPLETED') {
      const job = await project.getImport(Id!);
      if (states.at(-1) !== job.JobStatus) states.push(job.JobStatus!);
      if (job.JobStatus === 'PROCESSING') processed.push(job.TotalProcessed ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.deepEqual(states, [
      'CREATED',
      'PREPARING_FOR_INITIALIZATION',
      'INITIALIZING',
      'PROCESSING',
      'COMPLETING',
      'COMPLETED',
    ]);
    assert.deepEqual(
      processed,
      processed.toSorted((one, other) => one - other),
    );
    assert.ok(new Set(processed).size >= 4, `too few different counts: ${processed.join()}`);
  });

  it('adopt a changed pace, between states and while processing', async () => {
    const S3Url = await project.stage('in/a.csv', 'ChannelType,Address,Id\nEMAIL,a@example.com,a\n');
    for (const state of ['CREATED', 'PROCESSING']) {
      sandbox.faults.set({ paceMs: state === 'CREATED' ? 600_000 : 500 });
      const { Id } = await project.createImport({ S3Url });
      while ((await project.getImport(Id!)).JobStatus !== state)
        await new Promise((resolve) => setTimeout(resolve, 5));
      sandbox.faults.set({ paceMs: 600_000 });
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.equal((await project.getImport(Id!)).JobStatus, state);
      sandbox.faults.set({});
      assert.equal((await project.importEnded(Id!)).JobStatus, 'COMPLETED');
    }
  });

  it('wait in a queue if many run', async () => {
    sandbox.faults.set({ paceMs: 300, importConcurrency: 1 });
    const S3Url = await project.stage('in/a.csv', 'ChannelType,Address,Id\nEMAIL,a@example.com,a\n');
    const first = await project.createImport({ S3Url });
    const second = await project.createImport({ S3Url });
    assert.equal(second.JobStatus, 'CREATED');
    const waiting = await project.getImport(second.Id!);
    assert.equal(waiting.JobStatus, 'PENDING_JOB');
    sandbox.faults.set({ importConcurrency: 1 });
    const [one, two] = await Promise.all([project.importEnded(first.Id!), project.importEnded(second.Id!)]);
    assert.deepEqual([one.JobStatus, two.JobStatus], ['COMPLETED', 'COMPLETED']);
    assert.ok(one.CompletionDate! < two.CompletionDate!);
  });

  it('end with their project', async () => {
    sandbox.faults.set({ paceMs: 1000 });
    const S3Url = await project.stage('in/a.csv', 'ChannelType,Address,Id\nEMAIL,a@example.com,a\n');
    const { Id } = await project.createImport({ S3Url });
    await sandbox.pinpoint.send(new DeleteAppCommand({ ApplicationId: project.id }));
    await assert.rejects(project.getImport(Id!), NotFoundException);
  });
});
