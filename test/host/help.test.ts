import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { ResultDecoration } from '../../src/editor/decoration.ts';
import type { CheckedFile } from '../../src/host/fileChecks.ts';
import { api, bad, files, findingsOf, good, run, until } from './support.ts';

type Files = Awaited<ReturnType<typeof files>>;

const ndjson =
  '{"ChannelType":"EMAIL","Address":"ana@example.com","Location":{"Country":"DE"},"Attributes":{"Plan":["gold"]}}\n{"Loc":{}}\n';

/** The text of all hovers at the first place where `text` stands, one character into it. */
async function hoverOn(uri: vscode.Uri, text: string): Promise<string> {
  const document = await vscode.workspace.openTextDocument(uri);
  const position = document.positionAt(document.getText().indexOf(text) + 1);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    uri,
    position,
  );
  return hovers
    .flatMap(({ contents }) => (contents as vscode.MarkdownString[]).map((part) => part.value))
    .join('\n')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

/** The labels offered right behind the first place where `text` stands. */
async function offeredAfter(uri: vscode.Uri, text: string): Promise<vscode.CompletionItem[]> {
  const document = await vscode.workspace.openTextDocument(uri);
  const position = document.positionAt(document.getText().indexOf(text) + text.length);
  const list = await vscode.commands.executeCommand<vscode.CompletionList>(
    'vscode.executeCompletionItemProvider',
    uri,
    position,
  );
  return list.items.filter(({ kind }) => kind !== vscode.CompletionItemKind.Text);
}

describe('Help on data files', () => {
  let given: Files;

  before(async () => {
    await api();
    given = await files('help', {
      'good.csv': good,
      'bad.csv': bad,
      'header.csv': 'ChannelType,Address,\n',
      'prices.csv': 'name,price\nbread,2\n',
      'data.ndjson': ndjson,
      'language.csv': 'ChannelType,Address\nemail,ana@example.com\n',
      'values.csv': 'Location.Country,Demographic.Locale,Demographic.Timezone,Location.City\n,,,\n',
      'values.ndjson':
        '{"OptOut":"","Location":{"Country":"","City":""},"Demographic":{"Locale":"","Timezone":""},"User":{"UserAttributes":{"Plan":[""]}}}\n',
      'keys.ndjson': '{"ChannelType":"","Location":{""}}\n',
    });
  });

  after(() => given.remove());

  it('explains a column in the header, and a cell by its column and value', async () => {
    const name = await hoverOn(given.uri('good.csv'), 'ChannelType');
    assert.match(name, /### ChannelType/);
    assert.match(name, /Allowed.*`EMAIL`/);
    assert.match(name, /docs\.aws\.amazon\.com/);
    assert.match(name, /Type.*string/);
    assert.match(name, /Example/);
    assert.match(await hoverOn(given.uri('good.csv'), 'Id,'), /At most.*characters/);
    const cell = await hoverOn(given.uri('good.csv'), 'EMAIL');
    assert.match(cell, /### ChannelType/);
    assert.match(cell, /EMAIL: Email/);
  });

  it('explains a key and a value of JSON, nested and custom ones, too', async () => {
    assert.match(await hoverOn(given.uri('data.ndjson'), 'Country'), /### Location\.Country/);
    assert.match(await hoverOn(given.uri('data.ndjson'), 'DE"'), /DE: Germany/);
    assert.match(await hoverOn(given.uri('data.ndjson'), 'gold'), /### Attributes\.Plan/);
    assert.match(await hoverOn(given.uri('data.ndjson'), 'Loc"'), /This isn't a supported attribute/);
    assert.match(await hoverOn(given.uri('data.ndjson'), 'Location'), /members `City`, `Country`/);
    assert.match(await hoverOn(given.uri('data.ndjson'), 'Attributes'), /your own names and values/);
  });

  it("lists the allowed values for one that isn't allowed", async () => {
    const cell = await hoverOn(given.uri('bad.csv'), 'MAYBE');
    assert.match(cell, /### OptOut/);
    assert.doesNotMatch(cell, /MAYBE/);
  });

  it('shows nothing in other CSV files', async () => {
    assert.equal(await hoverOn(given.uri('prices.csv'), 'bread'), '');
  });

  it('completes columns missing in the header', async () => {
    const offered = (await offeredAfter(given.uri('header.csv'), 'Address,')).map(({ label }) => label);
    assert.ok(offered.includes('OptOut'));
    assert.ok(offered.includes('Attributes.*'));
    assert.ok(!offered.includes('Address'), 'it has an Address');
  });

  it('completes values of cells and of JSON', async () => {
    const cell = (await offeredAfter(given.uri('good.csv'), '\nEM')).map(({ label }) => label);
    assert.ok(cell.includes('EMAIL') && cell.includes('GCM'));
    const value = await offeredAfter(given.uri('keys.ndjson'), '"ChannelType":"');
    const sms = value.find(({ label }) => label === 'SMS');
    assert.equal(sms?.insertText, 'SMS', 'it is typed between the quotes');
  });

  it('completes countries, locales, time zones and opt-outs, and nothing for free text', async () => {
    const labels = async (text: string): Promise<readonly string[]> =>
      (await offeredAfter(given.uri('values.ndjson'), text)).map(({ label }) => label as string);
    assert.ok((await labels('"Country":"')).includes('DE'));
    assert.ok((await labels('"Locale":"')).includes('de_DE'));
    assert.ok((await labels('"Timezone":"')).includes('Europe/Berlin'));
    assert.deepEqual(await labels('"OptOut":"'), ['ALL', 'NONE']);
    assert.deepEqual(await labels('"City":"'), []);
    assert.deepEqual(await labels('"UserAttributes":{"Plan":["'), []);
    const cells = async (text: string): Promise<readonly string[]> =>
      (await offeredAfter(given.uri('values.csv'), text)).map(({ label }) => label as string);
    assert.ok((await cells('\n')).includes('DE'));
    assert.ok((await cells('\n,')).includes('de_DE'));
    assert.ok((await cells('\n,,')).includes('Europe/Berlin'));
    assert.deepEqual(await cells('\n,,,'), []);
  });

  it('works no matter which language another extension sets', async () => {
    const uri = given.uri('language.csv');
    const document = await vscode.workspace.openTextDocument(uri);
    for (const language of ['markdown', 'json', 'plaintext']) {
      await vscode.languages.setTextDocumentLanguage(document, language);
      assert.equal(document.languageId, language);
      assert.match(await hoverOn(uri, 'ChannelType'), /### ChannelType/, language);
      const offered = (await offeredAfter(uri, '\nem')).map(({ label }) => label);
      assert.ok(offered.includes('EMAIL'), language);
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        uri,
      );
      assert.ok(
        lenses.some(({ command }) => command?.title === 'Import…'),
        language,
      );
      await vscode.window.showTextDocument(document);
      // With the language the document is a new one to the editor, and is checked anew.
      await until(`the fix, as ${language}`, async () => {
        const [finding] = findingsOf(uri);
        if (finding === undefined) return undefined;
        const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
          'vscode.executeCodeActionProvider',
          uri,
          finding.range,
        );
        return actions.find(({ title }) => title === 'Change to EMAIL');
      });
    }
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('completes the keys of the object at the cursor', async () => {
    const offered = (await offeredAfter(given.uri('keys.ndjson'), '"Location":{"')).map(({ label }) => label);
    assert.ok(offered.includes('Country'));
    assert.ok(!offered.includes('ChannelType'), 'that belongs to the endpoint itself');
    const all = (await offeredAfter(given.uri('keys.ndjson'), '{"')).map(({ label }) => label);
    assert.ok(all.includes('ChannelType') && all.includes('User') && !all.includes('Country'));
    assert.ok(!all.includes('Location'), 'the endpoint has it already');
  });

  it('shows the last result and actions above the first line', async () => {
    const lenses = async (uri: vscode.Uri): Promise<string[]> => {
      await vscode.workspace.openTextDocument(uri);
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        uri,
      );
      return found.map(({ command }) => command?.title ?? '');
    };
    assert.deepEqual(await lenses(given.uri('bad.csv')), ['Validate', 'Import…', 'Report']);
    await run('validateFile', given.uri('bad.csv'));
    const [result, ...rest] = await lenses(given.uri('bad.csv'));
    assert.match(result ?? '', /\$\(error\) Errors: 1 · Warnings: 0 · Records: 2/);
    assert.deepEqual(rest, ['Validate', 'Import…', 'Report']);
    assert.deepEqual(await lenses(given.uri('prices.csv')), []);
  });

  it('hides the lens if the setting is off; its actions are existing commands', async () => {
    const uri = given.uri('header.csv');
    await vscode.workspace.openTextDocument(uri);
    const lenses = (): Thenable<vscode.CodeLens[]> =>
      vscode.commands.executeCommand('vscode.executeCodeLensProvider', uri);
    const commands = new Set(await vscode.commands.getCommands(true));
    for (const { command, range } of await lenses()) {
      assert.ok(command && commands.has(command.command), command?.command);
      assert.equal(range.start.line, 0);
    }
    const settings = vscode.workspace.getConfiguration('pinpointAudience');
    await settings.update('validation.codeLens', false, vscode.ConfigurationTarget.Global);
    try {
      assert.deepEqual(await lenses(), []);
    } finally {
      await settings.update('validation.codeLens', undefined, vscode.ConfigurationTarget.Global);
    }
    assert.equal((await lenses()).length, 3);
  });

  it('marks a valid file, if the setting is on', async () => {
    const checked = (errors: number): CheckedFile => ({
      file: { uri, path: uri.fsPath, bytes: 1, modified: 1 },
      at: new Date(),
      result: { ...emptyResult, records: 1234, errors },
    });
    const uri = given.uri('good.csv');
    const results: CheckedFile[] = [];
    const decoration = new ResultDecoration({ results, onDidChange: () => ({ dispose: () => undefined }) });
    const badge = (): string | undefined => decoration.provideFileDecoration(uri)?.badge;
    const settings = vscode.workspace.getConfiguration('pinpointAudience');
    results.push(checked(0));
    assert.equal(badge(), undefined, 'nobody asked for it');
    await settings.update('validation.fileDecoration', true, vscode.ConfigurationTarget.Global);
    try {
      assert.equal(badge(), '✓');
      assert.match(decoration.provideFileDecoration(uri)?.tooltip ?? '', /Valid: 1,234 records/);
      assert.equal(decoration.provideFileDecoration(given.uri('prices.csv')), undefined);
      assert.equal(decoration.provideFileDecoration(uri.with({ scheme: 'git' })), undefined);
      results[0] = checked(1);
      assert.equal(badge(), undefined, 'the editor itself marks what is wrong');
    } finally {
      decoration.dispose();
      await settings.update('validation.fileDecoration', undefined, vscode.ConfigurationTarget.Global);
    }
  });
});

const emptyResult: CheckedFile['result'] = {
  type: 'csv',
  bytes: 0,
  records: 0,
  errors: 0,
  warnings: 0,
  infos: 0,
  counts: {},
  issues: [],
  truncated: false,
};
