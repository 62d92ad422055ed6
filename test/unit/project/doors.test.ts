import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ESLint, Linter } from 'eslint';
import { describe, it } from 'mocha';
import tseslint from 'typescript-eslint';
import { root } from '../../../tools/paths.ts';

const rule = 'no-restricted-syntax';

/** What lint says to a text as part of a file of the project, by the project's own configuration. */
async function reported(file: string, text: string): Promise<readonly string[]> {
  const config = (await new ESLint({ cwd: root }).calculateConfigForFile(join(root, file))) as {
    readonly rules: Readonly<Record<string, Linter.RuleEntry>>;
  };
  const entry = config.rules[rule];
  assert.ok(entry !== undefined, `${file} has the rule`);
  const messages = new Linter().verify(text, {
    languageOptions: { parser: tseslint.parser },
    rules: { [rule]: entry },
  });
  assert.ok(
    messages.every(({ fatal }) => fatal !== true),
    JSON.stringify(messages),
  );
  return messages.map(({ message }) => message);
}

const around = [
  'void vscode.window.showInformationMessage(name);',
  'void vscode.window.showWarningMessage(name);',
  'void vscode.window.showErrorMessage(name);',
  'const show = bad ? vscode.window.showErrorMessage : undefined;',
  'const { showErrorMessage } = vscode.window;',
  "void vscode.window['showErrorMessage'](name);",
  'void vscode.window.withProgress({ location: 15, title: name }, work);',
  'vscode.window.setStatusBarMessage(name);',
  'vscode.window.createQuickPick();',
  'void vscode.window.showQuickPick([name]);',
  'vscode.window.createInputBox();',
  'void vscode.window.showInputBox({ prompt: name });',
  'void vscode.window.showOpenDialog({ title: name });',
  'vscode.window.createStatusBarItem();',
  'vscode.window.createOutputChannel(name);',
  "vscode.window.createWebviewPanel('a', name, 1);",
  'vscode.window.createTerminal(name);',
  'const text = new vscode.MarkdownString(name);',
  'const { MarkdownString } = vscode;',
  'const tip = new vscode.Hover(name);',
  'text.isTrusted = true;',
  'text.supportHtml = true;',
  'const link = new vscode.DocumentLink(range, uri);',
  'const found = new vscode.Diagnostic(range, name);',
  'const item = new vscode.TreeItem(name);',
  'const lens = new vscode.CodeLens(range, { title: name });',
  'const action = new vscode.CodeAction(name);',
  'const mark = new vscode.FileDecoration(name);',
  'throw vscode.FileSystemError.Unavailable(`no ${name}`);',
  'void vscode.env.openExternal(uri);',
  "import { window } from 'vscode';",
];

describe('lint', () => {
  it('keeps every text from going around the doors of the window, in each folder that knows the editor', async () => {
    const files = [
      'src/services.ts',
      'src/commands/import/importFile.ts',
      'src/editor/hover.ts',
      'src/host/session.ts',
      'src/pages/virtualDocuments.ts',
      'src/tasks/taskProvider.ts',
      'src/views/nodes.ts',
    ];
    for (const file of files) {
      const unnoticed = [];
      for (const text of around) if ((await reported(file, text)).length === 0) unnoticed.push(text);
      assert.deepEqual(unnoticed, [], file);
    }
  });

  it('keeps records from being read, and their folders from being made, without a look at who can write there', async () => {
    for (const text of [
      "import { readFile } from 'node:fs/promises';",
      "import { readFileSync } from 'node:fs';",
      'await mkdir(this.#folder, { recursive: true, mode: privateFolder });',
    ])
      assert.equal((await reported('src/jobs/runs/runStore.ts', text)).length, 1, text);
  });

  it('has nothing against what leads through them', async () => {
    const text = [
      "import * as vscode from 'vscode';",
      "import type { Uri } from 'vscode';",
      "void notify('info', name);",
      'throw vscode.FileSystemError.FileNotFound(uri);',
      'await vscode.window.showTextDocument(document);',
      'new vscode.Range(0, 0, 0, 0);',
    ].join('\n');
    assert.deepEqual(await reported('src/views/nodes.ts', text), []);
  });

  it('lets not even the doors make text run commands or hold HTML', async () => {
    for (const text of ['text.isTrusted = true;', 'make({ isTrusted: true });', 'text.supportHtml = true;'])
      assert.equal((await reported('src/host/markdown.ts', text)).length, 1, text);
  });

  it('keeps folders from being removed by their path, which others may have put something else at', async () => {
    for (const text of [
      'await rm(folder, { recursive: true });',
      'rmSync(folder, { force: true, recursive: true });',
      'await fs.promises.rm(folder, { recursive: true });',
    ])
      for (const file of ['src/jobs/download/downloadExport.ts', 'src/host/prompts.ts', 'src/cli/main.ts'])
        assert.equal((await reported(file, text)).length, 1, `${file}: ${text}`);
    assert.deepEqual(await reported('src/cli/main.ts', 'await rm(path, { force: true });'), []);
  });

  it('keeps files from being read, in each folder, without a look at whether they are files', async () => {
    for (const text of [
      "import { createReadStream } from 'node:fs';",
      "import { readFile } from 'node:fs/promises';",
      "import { readFileSync } from 'node:fs';",
      "const file = await open(path, 'r');",
      "const file = openSync(path, 'r+');",
      'const file = await open(path);',
      'await fs.promises.readFile(path);',
      'fs.createReadStream(path);',
      'await vscode.workspace.fs.readFile(uri);',
    ])
      for (const file of [
        'src/aws/s3/uploadSource.ts',
        'src/cli/main.ts',
        'src/endpoints/transform/source.ts',
        'src/host/prompts.ts',
        'src/host/mirrorFiles.ts',
        'src/jobs/failures/findFailures.ts',
      ])
        assert.equal((await reported(file, text)).length, 1, `${file}: ${text}`);
    assert.deepEqual(await reported('src/jobs/bulk/rate.ts', "await open(path, 'wx', privateFile);"), []);
  });

  it('keeps texts of errors that are not ours, which may quote a row, from being shown', async () => {
    for (const text of [
      'notify(String(error));',
      'const text = `Failed: ${String(thrown)}`;',
      "const text = error instanceof Error ? error.message : 'unknown';",
      'const stack = error instanceof Error ? error.stack : undefined;',
    ])
      for (const file of ['src/jobs/drive/jobDriver.ts', 'src/pages/page.ts', 'src/cli/main.ts'])
        assert.equal((await reported(file, text)).length, 1, `${file}: ${text}`);
    const good = 'const text = error instanceof AudienceError ? error.message : reasonOf(error);';
    assert.deepEqual(await reported('src/cli/main.ts', good), []);
  });

  it('keeps foreign values out of texts with placeholders, which they are passed to', async () => {
    for (const text of [
      'void notify("info", vscode.l10n.t(`Wrote ${name} to {0}`, folder));',
      'void notify("info", vscode.l10n.t(name));',
      "void notify('info', vscode.l10n.t('Wrote ' + name));",
      'const { t } = vscode.l10n; t(`Open ${name}`);',
      "const text = plural(2, `1 file of ${name}`, '{0} files');",
      "const text = plural(2, '1 file', many);",
    ])
      for (const file of ['src/commands/import/importFile.ts', 'src/host/prompts.ts'])
        assert.equal((await reported(file, text)).length, 1, `${file}: ${text}`);
    const good =
      "vscode.l10n.t('Wrote {0} to {1}', name, folder); plural(2, '1 file of {1}', '{0} files of {1}', name);";
    assert.deepEqual(await reported('src/host/prompts.ts', good), []);
  });
});
