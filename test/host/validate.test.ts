import assert from 'node:assert/strict';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { ValidationSummary } from '../../src/commands/validate/validateFile.ts';
import { bad, files, findingsOf, good, rejects, run, until } from './support.ts';

type Files = Awaited<ReturnType<typeof files>>;

describe('Validate', () => {
  let given: Files;

  before(async () => {
    given = await files('validate', {
      'good.csv': good,
      'bad.csv': bad,
      'BAD.CSV': bad,
      'good.ndjson': '{"ChannelType":"EMAIL","Address":"ana@example.com","Id":"h-1"}\n',
      'settings.json': '{\n  "not": "data"\n}\n',
    });
  });

  after(() => given.remove());

  it('returns the result of a file, and shows each finding in Problems at its position', async () => {
    const result = await run<ValidationSummary>('validateFile', given.uri('bad.csv'));
    assert.equal(result.records, 2);
    assert.equal(result.errors, 1);
    assert.equal(result.warnings, 0);
    assert.equal(result.type, 'csv');
    assert.equal(result.truncated, false);
    const [issue] = result.issues;
    assert.deepEqual(
      [issue?.code, issue?.line, issue?.column, issue?.endLine, issue?.endColumn],
      ['opt-out-unknown', 2, 27, 2, 32],
    );

    const [finding, ...others] = findingsOf(given.uri('bad.csv'));
    assert.equal(others.length, 0);
    assert.ok(finding);
    assert.deepEqual(finding.range, new vscode.Range(1, 26, 1, 31));
    assert.equal(finding.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(finding.source, 'pinpoint-audience');
    const code = finding.code as { value: string; target: vscode.Uri };
    assert.equal(code.value, 'opt-out-unknown');
    assert.equal(code.target.toString(true), 'command:pinpointAudience.showRule?["opt-out-unknown"]');
  });

  it('reports a selection with mixed formats', async () => {
    const [csv, ndjson] = await run<ValidationSummary[]>('validateFile', [
      given.uri('good.csv'),
      given.uri('good.ndjson'),
    ]);
    assert.equal(csv?.warnings, 0);
    assert.equal(ndjson?.warnings, 1);
    const [finding] = findingsOf(given.uri('good.ndjson'));
    assert.equal((finding?.code as { value: string }).value, 'file-mixed-formats');
    await run('validateFile', given.uri('good.ndjson'));
    assert.equal(findingsOf(given.uri('good.ndjson')).length, 0, 'alone it is fine');
  });

  it('returns one result for each of several files', async () => {
    const results = await run<ValidationSummary[]>('validateFile', [
      given.uri('good.csv'),
      given.uri('good.ndjson'),
    ]);
    assert.deepEqual(
      results.map(({ type, records, errors }) => [type, records, errors]),
      [
        ['csv', 2, 0],
        ['ndjson', 1, 0],
      ],
    );
    assert.equal(findingsOf(given.uri('good.csv')).length, 0);
  });

  it('finds endpoint files in folders, in upper or lower case, and ignores .json files', async () => {
    const results = await run<ValidationSummary[]>('validateFile', given.folder);
    assert.deepEqual(results.map(({ file }) => file.split('/').at(-1)).sort(), [
      'BAD.CSV',
      'bad.csv',
      'good.csv',
      'good.ndjson',
    ]);
  });

  it('accepts a path as a string, as keybindings pass it', async () => {
    const { records } = await run<ValidationSummary>('validateFile', given.uri('good.csv').fsPath);
    assert.equal(records, 2);
  });

  it("explains once why something can't be read", async () => {
    await rejects(run('validateFile', given.uri('gone.csv')), 'not-found', /gone\.csv: it doesn't exist$/);
    await rejects(run('validateFile', vscode.Uri.parse('untitled:new.csv')), 'bad-input', /untitled:/);
    await rejects(run('validateFile', 42), 'bad-input', /URI or a path/);
    const empty = await files('empty', { 'settings.json': '{}' });
    await rejects(run('validateFile', empty.folder), 'not-found', /No endpoint file in empty-/);
    await empty.remove();
  });

  it('validates a file again when it is saved or changes on disk', async () => {
    const uri = given.uri('again.csv');
    await writeFile(uri.fsPath, bad);
    await run('validateFile', uri);
    assert.equal(findingsOf(uri).length, 1);

    const document = await vscode.workspace.openTextDocument(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(1, 26, 1, 31), 'NONE');
    await vscode.workspace.applyEdit(edit);
    assert.ok(document.isDirty);
    await document.save();
    await until('the finding to go', () => (findingsOf(uri).length === 0 ? true : undefined));

    await writeFile(uri.fsPath, bad);
    await until('the finding to come back', () => (findingsOf(uri).length === 1 ? true : undefined));
  });

  it('validates the file on disk if there are unsaved changes and no one to ask', async () => {
    const uri = given.uri('unsaved.csv');
    await writeFile(uri.fsPath, good);
    await vscode.workspace.openTextDocument(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(3, 0), 'EMAIL,cy@example.com,h-3,MAYBE\n');
    await vscode.workspace.applyEdit(edit);
    const { records, errors } = await run<ValidationSummary>('validateFile', uri, {});
    assert.deepEqual([records, errors], [2, 0]);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('removes the findings of a deleted file', async () => {
    // It has been there since the beginning: a file that comes and goes at once is never told of.
    const uri = given.uri('BAD.CSV');
    await run('validateFile', uri);
    assert.equal(findingsOf(uri).length, 1);
    await rm(uri.fsPath);
    await until('the findings to go', () => (findingsOf(uri).length === 0 ? true : undefined));
  });

  it('shows as many findings as VS Code allows, with the total', async () => {
    const uri = given.uri('many.csv');
    const row = 'EMAIL,ana@example.com,h-0,MAYBE\n';
    const rows = Array.from({ length: 1500 }, (_, index) => row.replace('h-0', `h-${index}`));
    await writeFile(uri.fsPath, `ChannelType,Address,Id,OptOut\n${rows.join('')}`);
    const result = await run<ValidationSummary>('validateFile', uri);
    assert.equal(result.records, 1500);
    assert.ok(result.errors >= 1500);
    assert.equal(result.truncated, true);
    const findings = findingsOf(uri);
    assert.ok(findings.length <= 1000);
    const notice = findings.find(({ code }) => typeof code === 'object' && code.value === 'report');
    assert.match(notice?.message ?? '', /^[\d,]+ of [\d,]+ problems shown. Total: 1,500 errors/);
    assert.equal(
      findings.filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error).length,
      result.issues.filter(({ severity }) => severity === 'error').length,
    );
  });

  it("reads a file that the editor can't open", async () => {
    const uri = given.uri('large.csv');
    await writeFile(uri.fsPath, 'ChannelType,Address,Id\n');
    const row = `EMAIL,ana@example.com,${'x'.repeat(60)}`;
    const lines = Array.from({ length: 10_000 }, (_, index) => `${row}${index}\n`).join('');
    for (let part = 0; part < 60; part++) await writeFile(uri.fsPath, lines, { flag: 'a' });
    const { records } = await run<ValidationSummary>('validateFile', uri);
    assert.equal(records, 600_000);
    await truncate(uri.fsPath);
  });

  it('applies the severities in the settings', async () => {
    const settings = vscode.workspace.getConfiguration('pinpointAudience');
    await settings.update(
      'validation.severity',
      { 'opt-out-unknown': 'off' },
      vscode.ConfigurationTarget.Global,
    );
    try {
      const { errors, issues } = await run<ValidationSummary>('validateFile', given.uri('bad.csv'));
      assert.deepEqual([errors, issues.length], [0, 0]);
    } finally {
      await settings.update('validation.severity', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('opens the pages of rules, and no others', async () => {
    await run('showRule', 'opt-out-unknown');
    await until('the page to show', () =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .find(({ label }) => label.includes('opt-out-unknown')),
    );
    await rejects(run('showRule', '../../package'), 'not-found', /Unknown rule/);
  });
});
