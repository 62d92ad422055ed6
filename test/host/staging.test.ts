import assert from 'node:assert/strict';
import { CreateMultipartUploadCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { RunRecord } from '../../src/jobs/runs/runRecord.ts';
import { CallNode } from '../../src/host/targets.ts';
import { api, bad, connect, files, good, keysIn, place, rejects, roles, run, service } from './support.ts';

interface Found {
  readonly url: string;
  readonly type: string;
  readonly records: number;
  readonly errors: number;
}

describe('Objects in S3', () => {
  let there: Awaited<ReturnType<typeof place>>;
  let local: Awaited<ReturnType<typeof files>>;
  const silent = (options: Record<string, unknown> = {}): Record<string, unknown> => ({
    projectId: there.projectId,
    bucket: there.bucket,
    roleArn: roles.import,
    confirm: false,
    ...options,
  });

  before(async () => {
    await connect();
    there = await place('staging');
    local = await files('staging', { 'good.csv': good });
    for (const [Key, Body] of [
      ['data/good.csv', good],
      ['data/2026/bad.csv', bad],
      ['data/notes.txt', 'x'],
      ['data-old/bad.csv', bad],
      ['clean/good.csv', good],
    ] as const) {
      await service.s3.send(new PutObjectCommand({ Bucket: there.bucket, Key, Body }));
    }
  });
  after(async () => {
    await there.remove();
    await local.remove();
  });

  it('are validated one by one, without a copy', async () => {
    const [one, ...others] = await run<Found[]>('validateObject', `s3://${there.bucket}/data/good.csv`, {});
    assert.deepEqual(others, []);
    assert.deepEqual([one!.type, one!.records, one!.errors], ['csv', 2, 0]);
    const all = await run<Found[]>('validateObject', `s3://${there.bucket}/data`, {});
    assert.deepEqual(
      all.map(({ url, errors }) => [url.split('/').slice(3).join('/'), errors]),
      [
        ['data/2026/bad.csv', 1],
        ['data/good.csv', 0],
      ],
    );
    await rejects(
      run('validateObject', `s3://${there.bucket}/none/`, {}),
      'not-found',
      /No endpoint files found/,
    );
    await rejects(run('validateObject', 'http://x', {}), 'bad-input', /Not an S3 URL/);
  });

  it('have their findings in a document with their positions', async () => {
    const uri = `s3://${there.bucket}/data/2026/bad.csv`;
    const node = new CallNode({
      kind: 'object',
      identity: await connect(),
      bucket: there.bucket,
      object: { key: 'data/2026/bad.csv', size: bad.length, etag: '', modified: '' },
    });
    await vscode.commands.executeCommand('pinpointAudience.validateObject', node);
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document?.uri.scheme.startsWith('pinpoint-') === true);
    assert.match(document.getText(), /opt-out-unknown/);
    assert.match(document.getText(), /line 2, column 27/);
    assert.ok(document.getText().includes(uri));
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('are imported without an upload, with Import from S3 and with Import', async () => {
    const before_ = await keysIn(there.bucket);
    for (const [command, url, key] of [
      ['importFromS3', `s3://${there.bucket}/data/good.csv`, 'data/good.csv'],
      ['importFile', vscode.Uri.parse(`s3://${there.bucket}/clean`), 'clean/'],
    ] as const) {
      const { id, import: from } = await run<RunRecord>(command, url, silent({ segmentName: command }));
      assert.deepEqual([from?.folder, from?.files, from?.isFromBucket], [key, [], true]);
      const { jobs } = await api();
      const ended = await jobs.waitFor(id);
      assert.equal(ended.state, 'completed');
      assert.equal(ended.job?.segmentName, command);
      const again = await run<RunRecord>('runAgain', id, { confirm: false });
      assert.deepEqual([again.import?.folder, again.import?.isFromBucket], [key, true], 'run again, too');
      assert.equal((await jobs.waitFor(again.id)).state, 'completed');
    }
    assert.deepEqual(await keysIn(there.bucket), before_);
  });

  it("aren't imported if a requested validation finds errors", async () => {
    const url = `s3://${there.bucket}/data/2026/bad.csv`;
    const options = silent({ segmentName: 'x', validate: true });
    await rejects(run('importFromS3', url, options), 'bad-input', /1 error in S3/);
    const { id } = await run<RunRecord>('importFromS3', url, { ...options, importAnyway: true });
    await (await api()).jobs.waitFor(id);
  });

  it('are deleted only for the run that staged them', async () => {
    const before_ = await keysIn(there.bucket);
    const { id } = await run<RunRecord>(
      'importFile',
      local.uri('good.csv'),
      silent({ segmentName: 'staged' }),
    );
    await (await api()).jobs.waitFor(id);
    const staged = (await keysIn(there.bucket)).filter((key) => !before_.includes(key));
    assert.equal(staged.length, 1);
    let deleted: readonly string[] | undefined;
    // The lease on the run is given back just after its end.
    for (let round = 0; deleted === undefined && round < 100; round += 1) {
      deleted = await run<readonly string[]>('deleteStaged', id, { confirm: false }).catch(() => undefined);
    }
    assert.deepEqual(deleted, [`s3://${there.bucket}/${staged[0]}`]);
    assert.deepEqual(await keysIn(there.bucket), before_);
    await rejects(run('deleteStaged', id, { confirm: false }), 'bad-input', /no staged objects/);
  });

  it('include incomplete uploads, which are aborted below a prefix', async () => {
    for (const Key of ['pinpoint-audience/x.csv', 'elsewhere/x.csv']) {
      await service.s3.send(new CreateMultipartUploadCommand({ Bucket: there.bucket, Key }));
    }
    const options = { bucket: there.bucket, confirm: false };
    assert.deepEqual(await run('endUploads', options), [`s3://${there.bucket}/pinpoint-audience/x.csv`]);
    assert.deepEqual(await run('endUploads', options), []);
  });
});
