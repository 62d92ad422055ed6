import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetSegmentCommand } from '@aws-sdk/client-pinpoint';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { MirrorRecord } from '../../src/jobs/mirror/mirrorRecord.ts';
import type { RunRecord } from '../../src/jobs/runs/runRecord.ts';
import { sendSigned } from '../support/signedRequest.ts';
import { api, connect, files, place, rejects, roles, run, sandbox, service } from './support.ts';

const header = 'Id,ChannelType,Address\n';
const row = (id: string): string => `${id},EMAIL,${id}@example.com\n`;

async function faults(settings: object): Promise<void> {
  const { status, body } = await sendSigned(sandbox.endpoint, sandbox, {
    service: 'mobiletargeting',
    method: 'PUT',
    path: '/_sandbox/faults',
    body: JSON.stringify(settings),
  });
  assert.equal(status, 200, body);
}

describe('Mirrors in the editor', () => {
  let at: Awaited<ReturnType<typeof place>>;
  let given: Awaited<ReturnType<typeof files>>;
  let first: MirrorRecord;

  const said = (more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
    bucket: at.bucket,
    roleArn: roles.import,
    exportRoleArn: roles.export,
    confirm: false,
    ...more,
  });

  const declare = (...mirrors: readonly object[]): Promise<void> =>
    writeFile(join(given.folder.fsPath, 'pinpoint-audience.json'), JSON.stringify({ mirrors }));

  before(async () => {
    await connect();
    at = await place('mirrors');
    given = await files('mirrors', {
      'one.csv': header + row('m1') + row('m2'),
      'part-1.csv': header + row('q1'),
      'part-2.csv': header + row('q2'),
      'wrong.csv': `${header}w1,EMAIL,nobody\n`,
    });
    const common = { project: at.projectId, identifier: 'Id' };
    await declare(
      { ...common, name: 'One', source: 'one.csv', segment: 'Mirror one' },
      { ...common, name: 'Parts', source: 'part-*.csv', segment: 'Mirror parts' },
      { ...common, name: 'Wrong', source: 'wrong.csv', segment: 'Mirror wrong' },
    );
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await at.remove();
    await given.remove();
  });

  it('preview changes without making them', async () => {
    const plans = await run('dryRunMirror', 'One', said());
    assert.deepEqual(plans, [
      { name: 'One', against: 'nothing', members: 2, added: 2, changed: 0, removed: 0, unchanged: 0 },
    ]);
  });

  it('make a file the exact content of a segment, and verify it', async () => {
    first = await run<MirrorRecord>('runMirror', 'One', said());
    assert.equal(first.outcome, 'mirrored', first.trouble?.message);
    await writeFile(given.uri('one.csv').fsPath, header + row('m2') + row('m3'));
    const second = await run<MirrorRecord>('runMirror', 'One', said());
    assert.deepEqual(second.before, { added: 1, changed: 0, removed: 1, unchanged: 1 });
    assert.equal(second.outcome, 'mirrored', second.trouble?.message);
    assert.equal(second.segmentId, first.segmentId);
    const { SegmentResponse: segment } = await service.pinpoint.send(
      new GetSegmentCommand({ ApplicationId: at.projectId, SegmentId: first.segmentId }),
    );
    assert.equal(segment?.ImportDefinition?.Size, 2);
    const [fresh] = await run<object[]>('dryRunMirror', 'One', said({ fresh: true }));
    assert.deepEqual(fresh, {
      name: 'One',
      against: 'export',
      members: 2,
      added: 0,
      changed: 0,
      removed: 0,
      unchanged: 2,
    });
  });

  it('combine the files of a glob into one audience', async () => {
    const record = await run<MirrorRecord>('runMirror', 'Parts', said());
    assert.equal(record.outcome, 'mirrored', record.trouble?.message);
    assert.equal(record.members, 2);
  });

  it('reject files with errors, and undeclared names', async () => {
    await rejects(run('runMirror', 'Wrong', said()), 'bad-input', /1 errors? in wrong\.csv/);
    await rejects(run('runMirror', 'Nowhere', said()), 'not-found', /Unknown mirror: Nowhere/);
    await rejects(run('runMirror', said()), 'bad-input', /No mirror specified/);
    await rejects(
      run('runMirror', 'One', { confirm: false, bucket: '' }),
      'bad-input',
      /No (bucket|import role) specified/,
    );
  });

  it('complete members of the declaring file, and open it', async () => {
    const path = await run<string>('openMirrors', { confirm: false });
    assert.equal(path, join(given.folder.fsPath, 'pinpoint-audience.json'));
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      document.positionAt(document.getText().indexOf('"identifier"') + 2),
    );
    const texts = hovers
      .flatMap(({ contents }) => contents)
      .map((each) => (each as vscode.MarkdownString).value);
    assert.ok(
      texts.some((text) => text.includes('identifies a member')),
      texts.join(),
    );
  });

  it('run one after the other', async () => {
    const common = { project: at.projectId, identifier: 'Id' };
    await declare(
      { ...common, name: 'One', source: 'one.csv', segment: 'Mirror one' },
      { ...common, name: 'Parts', source: 'part-*.csv', segment: 'Mirror parts' },
    );
    const records = await run<MirrorRecord[]>('runAllMirrors', said());
    assert.deepEqual(
      records.map(({ name, outcome }) => [name, outcome]),
      [
        ['One', 'mirrored'],
        ['Parts', 'mirrored'],
      ],
    );
  });

  it("aren't started after cancelling, and keep their states", async () => {
    const { jobs } = await api();
    const before = new Set(jobs.list().map(({ id }) => id));
    const begun = (): RunRecord | undefined => jobs.list().find(({ id }) => !before.has(id));
    const stop = new AbortController();
    const subscription = jobs.onDidChange(() => begun() && stop.abort());
    await rejects(run('runAllMirrors', said({ signal: stop.signal })), 'cancelled', /./);
    subscription.dispose();
    await jobs.waitFor(begun()!.id);
    const [parts] = await run<{ against: string }[]>('dryRunMirror', 'Parts', said());
    assert.equal(parts?.against, 'state');
  });

  it("run even if another declaring file can't be read", async () => {
    const other = join(given.folder.fsPath, 'other');
    await mkdir(other);
    await writeFile(join(other, 'pinpoint-audience.json'), '{');
    assert.equal((await run<object[]>('dryRunMirror', 'Parts', said())).length, 1);
    await rejects(run('runAllMirrors', said()), 'bad-input', /valid JSON/);
    await rm(other, { recursive: true });
  });

  it('notify if the service added instead of replacing', async () => {
    await faults({ segmentRefresh: 'append' });
    try {
      await writeFile(given.uri('one.csv').fsPath, header + row('m3'));
      const record = await run<MirrorRecord>('runMirror', 'One', said());
      assert.equal(record.outcome, 'appended');
      assert.equal(record.after?.removed, 1);
      const renewed = await run<MirrorRecord>('runMirror', 'One', said({ newSegment: true }));
      assert.equal(renewed.outcome, 'mirrored');
      assert.notEqual(renewed.segmentId, first.segmentId);
    } finally {
      await faults({});
    }
  });

  it('report the position of an error in the declaring file', async () => {
    await declare({ name: 'One' });
    await rejects(run('runMirror', 'One', said()), 'bad-input', /^mirrors\[0\]\.source is missing$/);
    assert.match(await readFile(given.uri('pinpoint-audience.json').fsPath, 'utf8'), /One/);
  });
});
