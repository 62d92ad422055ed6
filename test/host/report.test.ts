import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { AudienceReport } from '../../src/endpoints/report/report.ts';
import { bad, files, findingsOf, good, rejects, run, until } from './support.ts';

type Files = Awaited<ReturnType<typeof files>>;

describe('The audience report', () => {
  let given: Files;

  before(async () => {
    given = await files('report', {
      'good.csv': good,
      'bad.csv': bad,
      'good.ndjson': '{"ChannelType":"EMAIL","Address":"ana@example.com","Id":"h-1"}\n',
    });
    await writeFile(
      given.uri('export.ndjson.gz').fsPath,
      gzipSync(
        '{"Id":"a","ChannelType":"SMS","Address":"+12065550100","EndpointStatus":"ACTIVE"}\n'.repeat(2),
      ),
    );
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await given.remove();
  });

  const tabs = (): readonly string[] =>
    vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter(
        ({ input }) =>
          input instanceof vscode.TabInputWebview && input.viewType.endsWith('pinpointAudience.report'),
      )
      .map(({ label }) => label);

  it('opens a page, shows findings in Problems, and returns the counts', async () => {
    const report = await run<AudienceReport>('showReport', given.uri('bad.csv'));
    assert.equal(report.version, 1);
    const [file] = report.files;
    assert.deepEqual([file?.records, file?.errors, file?.type, file?.packed], [2, 1, 'csv', false]);
    const [found] = file?.findings ?? [];
    assert.deepEqual([found?.code, found?.count], ['opt-out-unknown', 1]);
    assert.deepEqual(found?.places, [{ line: 2, column: 27, endLine: 2, endColumn: 32 }]);
    assert.equal(report.profile.records, 2);
    const channel = report.profile.attributes.find(({ path }) => path === 'ChannelType');
    assert.equal(channel?.filled, 2);
    assert.equal(findingsOf(given.uri('bad.csv')).length, 1);
    // Tabs are told of a little later.
    await until('the page', () => (tabs().includes('Report: bad.csv') ? true : undefined));
  });

  it('reuses the page of the same file', async () => {
    await run('showReport', given.uri('bad.csv'));
    assert.deepEqual(tabs(), ['Report: bad.csv']);
  });

  it("combines several files, including gzip files, which Problems can't show", async () => {
    const report = await run<AudienceReport>('showReport', [
      given.uri('good.csv'),
      given.uri('export.ndjson.gz'),
    ]);
    assert.deepEqual(
      report.files.map(({ packed, records, type }) => [packed, records, type]),
      [
        [false, 2, 'csv'],
        [true, 2, 'ndjson'],
      ],
    );
    assert.equal(report.profile.records, 4);
    const status = report.profile.attributes.find(({ path }) => path === 'EndpointStatus');
    assert.deepEqual(status?.top?.values, [{ value: 'ACTIVE', count: 2 }]);
    await until('the page', () => (tabs().includes('Report: 2 files') ? true : undefined));
    assert.equal(findingsOf(given.uri('export.ndjson.gz')).length, 0);
  });

  it('is written as Markdown and JSON for programs, without identifying values', async () => {
    const [markdown, json] = [given.uri('r.md').fsPath, given.uri('r.json').fsPath];
    const report = await run<AudienceReport>('showReport', given.uri('good.ndjson'), { markdown, json });
    // A report that is passed on names files without their folders.
    const named = { ...report, files: report.files.map((file) => ({ ...file, path: 'good.ndjson' })) };
    assert.deepEqual(JSON.parse(await readFile(json, 'utf8')), JSON.parse(JSON.stringify(named)));
    const text = await readFile(markdown, 'utf8');
    assert.match(text, /^# Audience report/);
    assert.match(text, /\| ChannelType \| 1 \| 100 % \|/);
    for (const written of [text, await readFile(json, 'utf8')]) {
      assert.ok(!written.includes('ana@example.com') && !written.includes('h-1'));
    }
  });

  it("is rejected if a file doesn't exist or an option isn't a path", async () => {
    await rejects(run('showReport', given.uri('none.csv')), 'not-found', /none\.csv/);
    await rejects(run('showReport', given.uri('good.csv'), { json: 7 }), 'bad-input', /json/);
  });

  it('has a maximum number of files', async () => {
    const many = await files(
      'many',
      Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`f${index}.csv`, good])),
    );
    try {
      await rejects(run('showReport', many.folder), 'bad-input', /at most 100/);
    } finally {
      await many.remove();
    }
  });
});
