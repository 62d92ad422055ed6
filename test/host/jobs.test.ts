import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { CreateImportJobCommand, GetImportJobsCommand } from '@aws-sdk/client-pinpoint';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { AudienceReport } from '../../src/endpoints/report/report.ts';
import type { RunFilter } from '../../src/host/runFilter.ts';
import { CallNode } from '../../src/host/targets.ts';
import type { FoundFailures } from '../../src/jobs/failures/findFailures.ts';
import type { RunRecord } from '../../src/jobs/runs/runRecord.ts';
import { api, connect, files, good, place, rejects, roles, run, service, until } from './support.ts';

const header = 'ChannelType,Address,Id\n';
const bad = `${header}EMAIL,ana@example.com,j-1\nMAIL,nowhere,j-2\nEMAIL,bo@example.com,j-3\nMAIL,"no, where",j-4\n`;

describe('Jobs', () => {
  let given: Awaited<ReturnType<typeof files>>;
  let at: Awaited<ReturnType<typeof place>>;
  let failed: RunRecord;
  let done: RunRecord;

  const imported = async (file: string, more: Readonly<Record<string, unknown>> = {}): Promise<RunRecord> => {
    const { id } = await run<RunRecord>('importFile', given.uri(file), {
      projectId: at.projectId,
      bucket: at.bucket,
      roleArn: roles.import,
      segmentName: 'People of jobs',
      importAnyway: true,
      confirm: false,
      ...more,
    });
    return (await api()).jobs.waitFor(id);
  };

  /** The page of a run once what is looked for is on it. */
  const page = async (record: RunRecord, text: string | RegExp): Promise<vscode.TextDocument> => {
    await run('showJob', record.id);
    return until(`the page to say ${String(text)}`, () => {
      const document = vscode.window.activeTextEditor?.document;
      if (document?.uri.scheme !== 'pinpoint-job') return undefined;
      return new RegExp(text).test(document.getText()) ? document : undefined;
    });
  };

  const marksIn = (file: string): readonly vscode.Diagnostic[] =>
    vscode.languages.getDiagnostics(given.uri(file)).filter(({ source }) => source === 'Pinpoint import');

  before(async () => {
    await connect();
    at = await place('jobs');
    given = await files('jobs', {
      'bad.csv': bad,
      'good.csv': good,
      'not.ndjson': '{"Id":"1"}\n{ Id: 2 }\n',
    });
    failed = await imported('bad.csv');
    done = await imported('good.csv', { segmentName: undefined, registerEndpoints: true });
  });

  afterEach(async () => {
    await run('clearJobsFilter');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('open the audience report of the files they sent', async () => {
    const report = await run<AudienceReport>('showReport', new CallNode({ kind: 'run', run: done }), {});
    assert.deepEqual(
      report.files.map(({ path, records }) => [path, records]),
      [[given.uri('good.csv').fsPath, 2]],
    );
    const path = given.uri('gone.csv').fsPath;
    const gone = { ...done, import: { ...done.import!, files: [{ path, bytes: 1, modified: 1 }] } };
    await rejects(
      run('showReport', new CallNode({ kind: 'run', run: gone }), {}),
      'not-found',
      /no longer exist/,
    );
  });

  after(async () => {
    await at.remove();
    await given.remove();
  });

  it('have a page with a link from each failure to its line', async () => {
    const document = await page(failed, 'bad.csv, line 3');
    const text = document.getText();
    assert.match(text, /completed · 4 processed, 2 failed/);
    assert.match(text, /- bad\.csv, line 3 {2}ChannelType must be one of PUSH, .*\n/);
    assert.match(text, /- bad\.csv, line 5 {2}/);
    assert.doesNotMatch(text, /\[Source|Finding the lines/);
    assert.match(text, /## Timeline[\s\S]*Started[\s\S]*Job completed/);
    assert.match(text, /What it means[\s\S]*Validate the file/);

    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      'vscode.executeLinkProvider',
      document.uri,
    );
    const targets = links.map(({ target }) => target?.toString(true) ?? '');
    assert.ok(targets.some((target) => target.endsWith('bad.csv#L3,1')), targets.join('\n')); // prettier-ignore

    const row = text.split('\n').findIndex((line) => line.includes('line 5'));
    const [definition] = await vscode.commands.executeCommand<vscode.Location[]>(
      'vscode.executeDefinitionProvider',
      document.uri,
      new vscode.Position(row, 40),
    );
    assert.equal(definition?.uri.fsPath, given.uri('bad.csv').fsPath);
    assert.equal(definition.range.start.line, 4);
  });

  it('have a page with the possible actions', async () => {
    const document = await page(failed, 'line 3');
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    );
    const titles = lenses.map(({ command }) => command?.title);
    assert.deepEqual(titles, ['Show Import Failures in Problems', 'Run Again…', 'Validate']);
    const validate = lenses.at(-1)?.command;
    await vscode.commands.executeCommand(validate!.command, ...((validate?.arguments ?? []) as unknown[]));
    await until('the findings', () =>
      vscode.languages.getDiagnostics(given.uri('bad.csv')).length > 0 ? true : undefined,
    );
  });

  it('are given to other extensions as copies, without texts of the service, which quote rows', async () => {
    const { jobs } = await api();
    const given = [
      jobs.list().find(({ id }) => id === failed.id),
      jobs.get(failed.id),
      await jobs.waitFor(failed.id),
      await run<RunRecord>('watchJob', failed.job?.id, { projectId: at.projectId, kind: 'import' }),
    ];
    for (const [index, copy] of given.entries()) {
      assert.ok((copy?.job?.totalFailures ?? 0) > 0, String(index));
      assert.deepEqual(copy?.job?.failures, [], String(index));
      Object.assign(copy.import!, { bucket: 'changed' });
    }
    assert.equal(jobs.get(failed.id)?.import?.bucket, at.bucket);
    const found = await run<FoundFailures>('markFailures', failed.id, {});
    assert.doesNotMatch(JSON.stringify(found.failures), /Source|@example/);
  });

  it('show failed lines in Problems, until the file changes', async () => {
    const found = await run<FoundFailures>('markFailures', failed.id, {});
    assert.deepEqual(
      found.failures.map((failure) => failure.place?.line),
      [3, 5],
    );
    assert.deepEqual(
      marksIn('bad.csv').map(({ range }) => range.start.line),
      [2, 4],
    );
    assert.doesNotMatch(marksIn('bad.csv')[0]?.message ?? '', /Source|nowhere/);
    const document = await vscode.workspace.openTextDocument(given.uri('bad.csv'));
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), 'EMAIL,new@example.com,j-9\n'));
    await until('the marks to go', () => (marksIn('bad.csv').length === 0 ? true : undefined));
    await vscode.commands.executeCommand('undo');
    await document.save();
  });

  it("link to the position that the service couldn't read in a rejected file", async () => {
    await rejects(
      run('importFile', given.uri('not.ndjson'), {
        projectId: at.projectId,
        bucket: at.bucket,
        roleArn: roles.import,
        segmentName: 'Refused',
        importAnyway: true,
        confirm: false,
      }),
      'bad-input',
      /./,
    );
    const refused = (await api()).jobs.list().find(({ import: into }) => into?.segmentName === 'Refused');
    assert.ok(refused);
    await page(refused, /not\.ndjson, line 2, column 3 {2}/);
    await run('markFailures', refused.id, {});
    assert.deepEqual(marksIn('not.ndjson')[0]?.range.start, new vscode.Position(1, 2));
  });

  it('report if nothing failed, and find failures in a changed file', async () => {
    await rejects(run('markFailures', done.id, {}), 'not-found', /no failed entries/);
    await writeFile(given.uri('bad.csv').fsPath, bad.replace('EMAIL,ana', 'EMAIL,another\nEMAIL,ana'));
    await page(failed, 'bad.csv, line');
    const found = await run<FoundFailures>('markFailures', failed.id, {});
    assert.deepEqual(found.changed, [given.uri('bad.csv').fsPath]);
    assert.equal(found.failures[0]?.place?.line, 4);
    await until('the page to say so', () =>
      /bad\.csv has changed since it was sent/.test(
        vscode.workspace.textDocuments.find(({ uri }) => uri.path.startsWith(`/${failed.id}/`))?.getText() ??
          '',
      )
        ? true
        : undefined,
    );
  });

  it('run again with the same settings', async () => {
    const again = await run<RunRecord>('runAgain', done.id, { confirm: false });
    assert.notEqual(again.id, done.id);
    assert.deepEqual(
      [
        again.import?.bucket,
        again.import?.registerEndpoints,
        again.import?.defineSegment,
        again.import?.roleArn,
      ],
      [at.bucket, true, false, roles.import],
    );
    // Below the same prefix, in a folder of its own.
    assert.equal(again.import?.folder.split('/')[0], done.import?.folder.split('/')[0]);
    assert.notEqual(again.import?.folder, done.import?.folder);
    assert.equal((await (await api()).jobs.waitFor(again.id)).state, 'completed');
    const { ImportJobsResponse } = await service.pinpoint.send(
      new GetImportJobsCommand({ ApplicationId: at.projectId }),
    );
    assert.ok(ImportJobsResponse?.Item?.some(({ Id }) => Id === again.job?.id));
    await rejects(run('runAgain', 'no-such-run', { confirm: false }), 'not-found', /no-such-run/);
  });

  it('that were started elsewhere can be watched', async () => {
    const { ImportJobResponse: job } = await service.pinpoint.send(
      new CreateImportJobCommand({
        ApplicationId: at.projectId,
        ImportJobRequest: {
          Format: 'CSV',
          RegisterEndpoints: true,
          RoleArn: roles.import,
          S3Url: `s3://${at.bucket}/${done.import?.folder ?? ''}`,
        },
      }),
    );
    const options = { projectId: at.projectId, kind: 'import' };
    const watched = await run<RunRecord>('watchJob', job?.Id, options);
    assert.equal(watched.watched, true);
    assert.equal((await run<RunRecord>('watchJob', job?.Id, options)).id, watched.id);
    const ended = await (await api()).jobs.waitFor(watched.id);
    assert.deepEqual([ended.state, ended.job?.totalProcessed], ['completed', 2]);
    await page(watched, 'elsewhere, only watched here');
    await rejects(run('runAgain', watched.id, { confirm: false }), 'bad-input', /started elsewhere/);
    await rejects(run('watchJob', 'gone', options), 'not-found', /./);
    await rejects(run('watchJob', 'gone', {}), 'bad-input', /project/);
    await rejects(run('watchJob', 'gone', { ...options, kind: 'sideways' }), 'bad-input', /import or export/);
  });

  it("are retried from where they failed, and not cancelled if it's too late", async () => {
    await rejects(run('cancelRun', done.id, {}), 'bad-input', /has ended/);
    await rejects(run('retryRun', done.id, { confirm: false }), 'bad-input', /has completed/);
    await rejects(
      run('importFile', given.uri('good.csv'), {
        projectId: at.projectId,
        bucket: at.bucket,
        roleArn: `${roles.import}NotAssumable`,
        segmentName: 'Tried twice',
        confirm: false,
      }),
      'bad-input',
      /./,
    );
    const refused = (await api()).jobs.list().find(({ import: into }) => into?.segmentName === 'Tried twice');
    assert.equal(refused?.state, 'failed');
    const document = await page(refused, 'trust policy');
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    );
    assert.deepEqual(
      lenses.map(({ command }) => command?.title),
      ['Retry', 'Run Again…', 'Show Log', 'Check Setup'],
    );
    await rejects(run('retryRun', refused.id, { confirm: false }), 'bad-input', /./);
    assert.equal((await api()).jobs.get(refused.id)?.state, 'failed');
  });

  it('are filtered by state, project and text; unknown states are rejected', async () => {
    const filter = await run<RunFilter>('filterJobs', { state: 'with-failures', text: 'PEOPLE bad.csv' });
    assert.deepEqual(filter, { state: 'with-failures', projectId: undefined, text: 'PEOPLE bad.csv' });
    await rejects(run('filterJobs', { state: 'sideways' }), 'bad-input', /sideways/);
    await rejects(run('filterJobs', { text: 7 }), 'bad-input', /text must be a string/);
    assert.equal(await run('filterJobs', {}), undefined);
  });

  it('are forgotten with their marks in Problems', async () => {
    await run('markFailures', failed.id, {});
    assert.ok(marksIn('bad.csv').length > 0);
    await run('forgetRun', failed.id, { confirm: false });
    assert.equal((await api()).jobs.get(failed.id), undefined);
    await until('the marks to go', () => (marksIn('bad.csv').length === 0 ? true : undefined));
    await rejects(run('markFailures', failed.id, {}), 'not-found', /No run has this ID/);
  });
});
