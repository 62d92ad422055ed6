import assert from 'node:assert/strict';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { DeletePublicAccessBlockCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { CreatedSetup } from '../../src/commands/setup/saveSetup.ts';
import type { SetupCheck } from '../../src/commands/setup/checkSetup.ts';
import { commandIds } from '../../src/host/commandIds.ts';
import { connect, place, rejects, roles, run, sandbox, service } from './support.ts';

const keys = ['staging.bucket', 'staging.prefix', 'staging.kmsKeyId', 'roles.importArn', 'roles.exportArn'];

describe('The setup', () => {
  let at: Awaited<ReturnType<typeof place>>;
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('pinpointAudience');
  const set = async (values: Readonly<Record<string, string | undefined>>): Promise<void> => {
    for (const [key, value] of Object.entries(values)) {
      await settings().update(key, value, vscode.ConfigurationTarget.Workspace);
    }
  };
  const check = (): Promise<readonly SetupCheck[]> =>
    run<readonly SetupCheck[]>('checkSetup', { projectId: at.projectId });
  const troubles = async (): Promise<unknown> =>
    (await check()).filter(({ status }) => status !== 'ok').map(({ id, status }) => [id, status]);

  before(async () => {
    await connect();
    at = await place('setup');
  });
  after(async () => {
    await set(Object.fromEntries(keys.map((key) => [key, undefined])));
    await at.remove();
  });

  const own = (name: string): Record<string, unknown> => ({
    projectId: at.projectId,
    bucket: `${at.bucket}-${name}`,
    importRole: `${name}-import`,
    exportRole: `${name}-export`,
    confirm: false,
  });

  it('is checked in all parts, each with a status and a fix', async () => {
    await set({
      'staging.bucket': at.bucket,
      'roles.importArn': roles.import,
      'roles.exportArn': roles.export,
    });
    const found = await check();
    assert.ok(found.length > 30, String(found.length));
    for (const { id, status, message, fix, ...more } of found) {
      assert.deepEqual(more, {});
      assert.ok(['ok', 'warning', 'failed', 'unknown'].includes(status), id);
      assert.ok(message.length > 5 && (status === 'ok') === (fix === undefined), `${id}: ${message}`);
    }
    assert.deepEqual(await troubles(), [
      ['bucket-lifecycle', 'warning'],
      ['bucket-uploads', 'warning'],
    ]);
    await service.s3.send(new DeletePublicAccessBlockCommand({ Bucket: at.bucket }));
    assert.deepEqual(((await troubles()) as unknown[])[0], ['bucket-public-access', 'failed']);
  });

  it('is shown to a person as a document, with its fixes as code lenses', async () => {
    await vscode.commands.executeCommand(commandIds.checkSetup);
    const document = vscode.window.activeTextEditor?.document;
    const text = document?.getText() ?? '';
    assert.match(text, /^# Setup for .*us-east-1$/m);
    assert.match(text, /Problem: 1 · Warning: 2 · OK: \d+/);
    assert.match(text, /^- Staging bucket: Public access isn't fully blocked/m);
    assert.match(text, /aws s3api put-public-access-block/);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document?.uri,
      100,
    );
    const titles = lenses.map(({ command }) => command?.title);
    assert.deepEqual(titles.slice(0, 2).sort(), ['Check Again', 'Create Setup…']);
    assert.equal(titles.filter((title) => title === 'Fix…').length, 3);
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      'vscode.executeLinkProvider',
      document?.uri,
    );
    assert.ok(links.some(({ target }) => target?.path.includes('access-control-block-public-access')));
  });

  it('is created, saved in the settings, and found the second time', async () => {
    const made = await run<CreatedSetup>('createSetup', { ...own('made'), saveSettings: true });
    assert.deepEqual(
      [made.bucket, made.done.length, made.importRoleArn.split(':').at(-1)],
      [`${at.bucket}-made`, 8, 'role/made-import'],
    );
    assert.equal(settings().get('staging.bucket'), made.bucket);
    assert.equal(settings().get('roles.exportArn'), made.exportRoleArn);
    assert.deepEqual(await troubles(), []);
    const again = await run<CreatedSetup>('createSetup', { projectId: at.projectId, confirm: false });
    assert.deepEqual(again, { ...made, done: [] });
  });

  it('is written as a script or template without creating anything', async () => {
    const iam = new IAMClient({
      endpoint: sandbox.endpoint,
      region: sandbox.region,
      credentials: { accessKeyId: sandbox.accessKeyId, secretAccessKey: sandbox.secretAccessKey },
    });
    for (const [as, form] of [
      ['cli', /^#!\/usr\/bin\/env bash/],
      ['cloudformation', /AWS::S3::Bucket/],
      ['terraform', /resource "aws_s3_bucket"/],
    ] as const) {
      const { text, done } = await run<CreatedSetup>('createSetup', { ...own('written'), as });
      assert.match(text ?? '', form);
      assert.deepEqual(done, []);
    }
    const { Roles = [] } = await iam.send(new ListRolesCommand({}));
    assert.equal(
      Roles.some(({ RoleName }) => RoleName?.startsWith('written')),
      false,
    );
    const { Buckets = [] } = await service.s3.send(new ListBucketsCommand({}));
    assert.equal(
      Buckets.some(({ Name }) => Name?.endsWith('-written')),
      false,
    );
  });

  it('changes existing parts only on request', async () => {
    const options = { ...own('changed'), bucket: at.bucket };
    const kept = await run<CreatedSetup>('createSetup', options);
    assert.deepEqual(kept.done, ['import-role', 'import-policy', 'export-role', 'export-policy']);
    const changed = await run<CreatedSetup>('createSetup', { ...options, changeExisting: true });
    assert.deepEqual(changed.done, ['public-access', 'lifecycle']);
  });

  it('is for all projects only if a program passes the option', async () => {
    const { projectId, ...options } = own('every');
    await rejects(run('createSetup', { ...options, as: 'cli' }), 'bad-input', /No project specified/);
    const both = { ...options, projectId, allProjects: true, as: 'cli' };
    await rejects(run('createSetup', both), 'bad-input', /projectId and allProjects can't be combined/);
    const { text } = await run<CreatedSetup>('createSetup', { ...options, allProjects: true, as: 'cli' });
    assert.match(text ?? '', /:apps\/\*/);
  });

  it('rejects invalid names and unknown methods', async () => {
    await rejects(run('createSetup', { ...own('x'), bucket: 'Upper' }), 'bad-input', /Upper/);
    await rejects(run('createSetup', { ...own('x'), importRole: 'a b' }), 'bad-input', /a b/);
    await rejects(run('createSetup', { ...own('x'), exportRole: 'x-import' }), 'bad-input', /same name/);
    await rejects(run('createSetup', { ...own('x'), as: 'pulumi' }), 'bad-input', /pulumi/);
    await rejects(run('createSetup', { ...own('x'), prefix: '' }), 'bad-input', /prefix/);
    await rejects(
      run('createSetup', { ...own('x'), kmsKeyId: 'alias/none' }),
      'not-found',
      /KMS key alias\/none/,
    );
  });
});
