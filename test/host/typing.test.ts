import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { generate } from '../../bench/generate.ts';
import { api, files, findingsOf, until } from './support.ts';

type Files = Awaited<ReturnType<typeof files>>;

async function show(uri: vscode.Uri): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
}

/** Waits until exactly these codes are found, in any order. */
async function codes(uri: vscode.Uri, wanted: readonly string[]): Promise<void> {
  const now = (): string =>
    findingsOf(uri)
      .map(({ code }) => (code as { value: string }).value)
      .sort()
      .join();
  const due = [...wanted].sort().join();
  await until(`the findings "${due}"`, () => (now() === due ? true : undefined));
}

describe('Validation while typing', () => {
  let given: Files;

  before(async () => {
    await api();
    given = await files('typing', {
      'typed.csv': 'ChannelType,Address,OptOut\nEMAIL,ana@example.com,NONE\n',
      'typed.ndjson': '{"ChannelType":"EMAIL","Address":"ana@example.com"}\n',
      'prices.csv': 'name,price\nbread,2\n',
      'many.csv': '',
    });
    await generate('csv', 100_000, 7, given.uri('many.csv').fsPath);
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await given.remove();
  });

  it('follows edits, undo and close, without saving', async () => {
    const uri = given.uri('typed.csv');
    const editor = await show(uri);
    await editor.edit((edit) => edit.replace(new vscode.Range(1, 0, 1, 5), 'Email'));
    await codes(uri, ['channel-type-unknown']);
    const [finding] = findingsOf(uri);
    assert.deepEqual(finding?.range, new vscode.Range(1, 0, 1, 5));
    await editor.edit((edit) => edit.insert(new vscode.Position(2, 0), 'SMS,12,all\n'));
    await codes(uri, ['channel-type-unknown', 'opt-out-unknown', 'address-phone']);
    await vscode.commands.executeCommand('undo');
    await vscode.commands.executeCommand('undo');
    await codes(uri, []);
    await editor.edit((edit) => edit.replace(new vscode.Range(1, 0, 1, 5), 'Email'));
    await codes(uri, ['channel-type-unknown']);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await codes(uri, []);
  });

  it('shows the result of the current text above the first line', async () => {
    const uri = given.uri('typed.csv');
    const editor = await show(uri);
    const result = (title: RegExp): Promise<unknown> =>
      until(`the lens ${String(title)}`, async () => {
        const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
          'vscode.executeCodeLensProvider',
          uri,
        );
        return lenses.some(({ command }) => title.test(command?.title ?? '')) ? true : undefined;
      });
    await result(/Valid · Records: 1$/);
    await editor.edit((edit) => edit.replace(new vscode.Range(1, 0, 1, 5), 'Email'));
    await result(/Errors: 1 · Warnings: 0 · Records: 1$/);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('follows NDJSON, and leaves other CSV files alone', async () => {
    const editor = await show(given.uri('typed.ndjson'));
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), '{"Id":}\n'));
    await codes(given.uri('typed.ndjson'), ['json-syntax']);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    const other = await show(given.uri('prices.csv'));
    await other.edit((edit) => edit.insert(new vscode.Position(2, 0), 'milk\n'));
    await codes(given.uri('prices.csv'), []);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('can be turned off', async () => {
    const settings = vscode.workspace.getConfiguration('pinpointAudience.validation');
    await settings.update('whileTyping', false, vscode.ConfigurationTarget.Global);
    try {
      const editor = await show(given.uri('typed.csv'));
      await editor.edit((edit) => edit.replace(new vscode.Range(1, 0, 1, 5), 'Email'));
      await settings.update('whileTyping', true, vscode.ConfigurationTarget.Global);
      await codes(given.uri('typed.csv'), ['channel-type-unknown']);
      await settings.update('whileTyping', false, vscode.ConfigurationTarget.Global);
      await codes(given.uri('typed.csv'), []);
    } finally {
      await settings.update('whileTyping', undefined, vscode.ConfigurationTarget.Global);
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  });

  it('responds to each keystroke in a document of 100,000 lines, at the edited line', async function () {
    const uri = given.uri('many.csv');
    const editor = await show(uri);
    const times: number[] = [];
    for (let round = 0; round < 25; round++) {
      const line = 1 + ((round * 7919) % 99_000);
      let typedAt = 0;
      const listener = vscode.workspace.onDidChangeTextDocument(() => (typedAt = performance.now()));
      await editor.edit((edit) => edit.insert(new vscode.Position(line, 0), 'x'));
      // The editor tells of new findings 50 ms late, so they are looked for.
      while (!findingsOf(uri).some(({ range }) => range.start.line === line)) await setImmediate();
      times.push(performance.now() - typedAt);
      listener.dispose();
    }
    times.sort((one, other) => one - other);
    assert.equal(findingsOf(uri).length, times.length);
    // A figure to read beside the result, and no limit to pass: machines differ.
    this.test!.title += `: median ${times[12]!.toFixed(0)} ms, slowest ${times[24]!.toFixed(0)} ms`;
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});
