import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GetEndpointCommand, GetImportJobsCommand } from '@aws-sdk/client-pinpoint';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { SetupCheck } from '../../src/commands/setup/checkSetup.ts';
import type { RunRecord } from '../../src/jobs/runs/runRecord.ts';
import {
  api,
  bad,
  connect,
  files,
  good,
  keysIn,
  place,
  rejects,
  roles,
  run,
  sandbox,
  service,
} from './support.ts';

interface Staged {
  readonly url: string;
  readonly bytes: number;
  readonly etag: string;
}

describe('From a file to a segment and back', () => {
  let given: Awaited<ReturnType<typeof files>>;
  let at: Awaited<ReturnType<typeof place>>;
  let imported: RunRecord;
  let exported: RunRecord;

  /** What every import of these tests says, so that nothing is asked. */
  const said = (more: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
    projectId: at.projectId,
    bucket: at.bucket,
    roleArn: roles.import,
    confirm: false,
    ...more,
  });

  const jobs = async (): Promise<number> => {
    const { ImportJobsResponse } = await service.pinpoint.send(
      new GetImportJobsCommand({ ApplicationId: at.projectId }),
    );
    return ImportJobsResponse?.Item?.length ?? 0;
  };

  before(async () => {
    await connect();
    at = await place('transfer');
    given = await files('transfer', {
      'good.csv': good,
      'bad.csv': bad,
      'more.ndjson': '{"ChannelType":"EMAIL","Address":"di@example.com","Id":"h-9"}\n',
    });
  });

  after(async () => {
    await at.remove();
    await given.remove();
  });

  it('connects to the given service, and returns the identity', async () => {
    const identity = await connect();
    assert.equal(identity.region, sandbox.region);
    assert.match(identity.account, /^\d{12}$/);
    assert.match(identity.arn, /^arn:aws:/);
    assert.deepEqual((await api()).connection.current, identity);
  });

  it('keeps the connection if a new one fails', async () => {
    await rejects(
      run('connect', { profile: 'no-such-profile', region: 'eu-west-1' }),
      'bad-input',
      /no-such-profile/,
    );
    await rejects(run('connect', { region: 'Ireland' }), 'bad-input', /^Not a valid region: Ireland$/);
    await rejects(run('connect', { region: 7 }), 'bad-input', /Option region must be a string/);
    assert.equal((await api()).connection.current?.region, sandbox.region);
  });

  it('uploads a file to its own folder, and returns the URL', async () => {
    const options = { bucket: at.bucket, prefix: 'in', confirm: false };
    const staged = await run<Staged>('uploadFile', given.uri('good.csv'), options);
    assert.match(staged.url, new RegExp(`^s3://${at.bucket}/in/\\d{4}-\\d\\d-\\d\\d/[\\w-]{20,}/1\\.csv$`));
    assert.equal(staged.bytes, good.length);
    assert.ok(staged.etag.length > 10);
    assert.doesNotMatch(staged.url, /good/);
    const several = await run<Staged[]>(
      'uploadFile',
      [given.uri('good.csv'), given.uri('more.ndjson')],
      options,
    );
    assert.deepEqual(
      several.map(({ url }) => url.split('/').at(-1)),
      ['1.csv', '2.ndjson'],
    );
    assert.equal((await keysIn(at.bucket)).length, 3);
  });

  it('uploads nothing if the file, the bucket or the options are invalid', async () => {
    const before = await keysIn(at.bucket);
    const to = (bucket: string): Record<string, unknown> => ({ bucket, confirm: false });
    await rejects(
      run('uploadFile', given.uri('gone.csv'), to(at.bucket)),
      'not-found',
      /gone\.csv: it doesn't exist/,
    );
    await rejects(run('uploadFile', given.folder, to(at.bucket)), 'bad-input', /is a folder/);
    await rejects(
      run('uploadFile', [given.uri('good.csv'), given.uri('gone.csv')], to(at.bucket)),
      'not-found',
      /gone/,
    );
    await rejects(
      run('uploadFile', given.uri('good.csv'), to('no-such-bucket-here')),
      'not-found',
      /no-such-bucket-here/,
    );
    await rejects(run('uploadFile', given.uri('good.csv'), to('No Bucket!')), 'bad-input', /No Bucket!/);
    await rejects(
      run('uploadFile', given.uri('good.csv'), { confirm: false }),
      'bad-input',
      /No bucket specified/,
    );
    await rejects(
      run('uploadFile', given.uri('good.csv'), { bucket: 1 }),
      'bad-input',
      /Option bucket must be a string/,
    );
    assert.deepEqual(await keysIn(at.bucket), before);
  });

  it('imports a file as a segment, once the job is created, and watches it to its end', async () => {
    imported = await run<RunRecord>(
      'importFile',
      given.uri('good.csv'),
      said({ segmentName: 'Spring customers' }),
    );
    assert.equal(imported.kind, 'import');
    assert.ok(imported.job?.id);
    assert.equal(imported.projectId, at.projectId);
    const ended = await (await api()).jobs.waitFor(imported.id);
    assert.equal(ended.state, 'completed');
    assert.equal(ended.job?.totalProcessed, 2);
    assert.equal(ended.import?.files[0]?.records, 2);
    const { EndpointResponse } = await service.pinpoint.send(
      new GetEndpointCommand({ ApplicationId: at.projectId, EndpointId: 'h-1' }),
    );
    assert.equal(EndpointResponse?.Address, 'ana@example.com');
    assert.equal((await api()).jobs.get(imported.job.id)?.id, imported.id);
  });

  it('registers endpoints without a segment on request', async () => {
    const record = await run<RunRecord>(
      'importFile',
      [given.uri('more.ndjson')],
      said({ registerEndpoints: true }),
    );
    assert.equal(record.import?.defineSegment, false);
    assert.equal(record.import.format, 'JSON');
    assert.equal((await (await api()).jobs.waitFor(record.id)).state, 'completed');
  });

  it('updates an imported segment', async () => {
    const segmentId = (await (await api()).jobs.waitFor(imported.id)).job?.segmentId;
    assert.ok(segmentId);
    const record = await run<RunRecord>('importFile', given.uri('good.csv'), said({ segmentId }));
    assert.equal(record.import?.segmentId, segmentId);
    assert.equal((await (await api()).jobs.waitFor(record.id)).state, 'completed');
  });

  it('imports a file with errors only on request', async () => {
    const before = await jobs();
    const keys = await keysIn(at.bucket);
    await rejects(
      run('importFile', given.uri('bad.csv'), said({ segmentName: 'Bad' })),
      'bad-input',
      /1 errors? in bad\.csv/,
    );
    assert.equal(await jobs(), before);
    assert.deepEqual(await keysIn(at.bucket), keys);
    const record = await run<RunRecord>(
      'importFile',
      given.uri('bad.csv'),
      said({ segmentName: 'Bad', importAnyway: true }),
    );
    assert.equal(record.import?.files[0]?.errors, 1);
    const ended = await (await api()).jobs.waitFor(record.id);
    assert.ok(['completed', 'failed'].includes(ended.state));
  });

  it('starts and stages nothing if anything about an import is invalid', async () => {
    const before = await jobs();
    const keys = await keysIn(at.bucket);
    const file = given.uri('good.csv');
    const start = (more: Readonly<Record<string, unknown>>): Promise<unknown> =>
      run('importFile', file, said({ segmentName: 'Never', ...more }));
    await rejects(start({ bucket: 'no-such-bucket-here' }), 'not-found', /no-such-bucket-here/);
    await rejects(
      start({ roleArn: 'arn:aws:iam::123456789012:user/me' }),
      'bad-input',
      /isn't a role but user/,
    );
    await rejects(start({ projectId: '0123456789abcdef0123456789abcdef' }), 'not-found', /./);
    await rejects(start({ segmentId: '0123456789abcdef0123456789abcdef' }), 'not-found', /./);
    await rejects(
      start({ defineSegment: false, registerEndpoints: false }),
      'bad-input',
      /must define a segment or register endpoints/,
    );
    await rejects(start({ segmentName: 3 }), 'bad-input', /Option segmentName must be a string/);
    await rejects(
      run('importFile', given.uri('gone.csv'), said({})),
      'not-found',
      /gone\.csv: it doesn't exist/,
    );
    await rejects(run('importFile', given.folder, said({})), 'bad-input', /is a folder/);
    await rejects(
      run('importFile', [given.uri('good.csv'), given.uri('more.ndjson')], said({ segmentName: 'Mixed' })),
      'bad-input',
      /can't mix CSV and NDJSON/,
    );
    await rejects(run('importFile', file, { confirm: false }), 'bad-input', /No project specified/);
    assert.equal(await jobs(), before);
    assert.deepEqual(await keysIn(at.bucket), keys);
  });

  it('exports a project, and downloads it as NDJSON', async () => {
    const options = { projectId: at.projectId, bucket: at.bucket, roleArn: roles.export, confirm: false };
    exported = await run<RunRecord>('exportProject', options);
    assert.equal(exported.kind, 'export');
    const ended = await (await api()).jobs.waitFor(exported.id);
    assert.equal(ended.state, 'completed');
    const folder = join(given.folder.fsPath, 'down');
    const paths = await run<string[]>('downloadExport', ended.job?.id, { folder });
    assert.ok(paths.length > 0);
    const lines = (await Promise.all(paths.map((path) => readFile(path, 'utf8'))))
      .join('')
      .trim()
      .split('\n');
    const ids = lines.map((line) => (JSON.parse(line) as { Id: string }).Id);
    assert.ok(ids.includes('h-1') && ids.includes('h-2') && ids.includes('h-9'));
  });

  it('lists the Ids in an export, and deletes it from the bucket', async () => {
    const folder = join(given.folder.fsPath, 'ids');
    const ids = await run<{ path: string; count: number }>('listEndpointIds', exported.id, { folder });
    const lines = (await readFile(ids.path, 'utf8')).trimEnd().split('\n');
    assert.equal(lines.length, ids.count);
    assert.ok(lines.includes('h-1') && lines.includes('h-9'));
    const below = async (): Promise<readonly string[]> =>
      (await keysIn(at.bucket)).filter((key) => key.startsWith(exported.export?.folder ?? '?'));
    const before = await below();
    assert.ok(before.length > 0);
    const deleted = await run<string[]>('deleteExport', exported.id, { confirm: false });
    assert.deepEqual(deleted, before.map((key) => `s3://${at.bucket}/${key}`)); // prettier-ignore
    assert.deepEqual(await below(), []);
    await rejects(run('deleteExport', exported.id, { confirm: false }), 'not-found', /No objects in s3/);
    await rejects(run('listEndpointIds', exported.id, { folder }), 'not-found', /^Nothing to download/);
    await rejects(run('deleteExport', imported.id, { confirm: false }), 'not-found', /No export has this ID/);
  });

  it('exports a segment', async () => {
    const segmentId = (await (await api()).jobs.waitFor(imported.id)).job?.segmentId;
    const options = {
      projectId: at.projectId,
      segmentId,
      bucket: at.bucket,
      roleArn: roles.export,
      confirm: false,
    };
    const record = await run<RunRecord>('exportSegment', options);
    assert.equal(record.export?.segmentId, segmentId);
    const ended = await (await api()).jobs.waitFor(record.id);
    assert.equal(ended.state, 'completed');
    assert.equal(ended.job?.totalProcessed, 2);
  });

  it('starts no export if anything about it is invalid', async () => {
    const options = { projectId: at.projectId, bucket: at.bucket, roleArn: roles.export, confirm: false };
    await rejects(
      run('exportProject', { ...options, bucket: 'no-such-bucket-here' }),
      'not-found',
      /no-such-bucket-here/,
    );
    await rejects(
      run('exportProject', { ...options, roleArn: 'PinpointExport' }),
      'bad-input',
      /isn't an ARN/,
    );
    await rejects(run('exportProject', { ...options, projectId: '0'.repeat(32) }), 'not-found', /./);
    await rejects(run('exportProject', { confirm: false }), 'bad-input', /No project specified/);
    await rejects(run('exportSegment', options), 'bad-input', /No segment specified/);
    await rejects(run('exportSegment', { ...options, segmentId: '0'.repeat(32) }), 'not-found', /./);
    await rejects(
      run('exportSegment', { ...options, version: 'one' }),
      'bad-input',
      /Option version must be a number/,
    );
  });

  it('downloads only completed exports', async () => {
    const folder = join(given.folder.fsPath, 'never');
    await rejects(run('downloadExport', 'no-such-job', { folder }), 'not-found', /no-such-job/);
    await rejects(run('downloadExport', imported.id, { folder }), 'not-found', /No export/);
    await rejects(
      run('downloadExport', exported.id, { folder: 5 }),
      'bad-input',
      /Option folder must be a string/,
    );
    await assert.rejects(stat(folder));
    const inTheWay = given.uri('good.csv').fsPath;
    await assert.rejects(run('downloadExport', exported.id, { folder: inTheWay }), { name: 'AudienceError' });
  });

  it('checks the setup and reports what is missing', async () => {
    const settings = vscode.workspace.getConfiguration('pinpointAudience');
    const status = async (): Promise<Record<string, string>> =>
      Object.fromEntries(
        (await run<SetupCheck[]>('checkSetup', { projectId: at.projectId })).map((check) => [
          check.id,
          check.status,
        ]),
      );
    await settings.update('staging.bucket', at.bucket, vscode.ConfigurationTarget.Global);
    await settings.update('roles.importArn', 'nonsense', vscode.ConfigurationTarget.Global);
    try {
      const found = await status();
      assert.equal(found['identity'], 'ok');
      assert.equal(found['project'], 'ok');
      assert.equal(found['audience'], 'ok');
      assert.equal(found['bucket'], 'ok');
      assert.equal(found['import-role'], 'failed');
      await settings.update('staging.bucket', 'no-such-bucket-here', vscode.ConfigurationTarget.Global);
      assert.equal((await status())['bucket'], 'failed');
    } finally {
      await settings.update('staging.bucket', undefined, vscode.ConfigurationTarget.Global);
      await settings.update('roles.importArn', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('shows a job as a read-only document', async () => {
    await run('showJob', imported.job?.id, {});
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document);
    const shown = document.getText();
    assert.match(shown, /^# Import: Spring customers$/m);
    assert.match(shown, /2 processed/);
    assert.ok(shown.includes(at.projectId) && shown.includes(imported.job?.id ?? '?'));
    assert.equal(vscode.workspace.fs.isWritableFileSystem('pinpoint-job'), undefined);
    await rejects(run('showJob', 'no-such-job', {}), 'not-found', /no-such-job/);
  });

  it('forgets a finished run, and keeps its results', async () => {
    const { jobs: known } = await api();
    await run('forgetRun', exported.id, { confirm: false });
    assert.equal(known.get(exported.id), undefined);
    await rejects(run('forgetRun', exported.id, { confirm: false }), 'not-found', /./);
    assert.ok((await keysIn(at.bucket)).some((key) => key.endsWith('.gz')));
  });

  it('refreshes and shows the log without questions', async () => {
    await run('refresh', {});
    await run('showLog', {});
  });

  it('reports a missing connection', async () => {
    await run('disconnect', {});
    try {
      await rejects(
        run('exportProject', { projectId: at.projectId, confirm: false }),
        'credentials',
        /Not connected/,
      );
      await rejects(run('checkSetup', { confirm: false }), 'credentials', /Not connected/);
      await rejects(
        run('uploadFile', given.uri('good.csv'), { bucket: at.bucket, confirm: false }),
        'credentials',
        /Not connected/,
      );
    } finally {
      await connect();
    }
  });
});
