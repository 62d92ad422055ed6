import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import { registerCommands } from '../../src/commands/framework/registerCommands.ts';
import { errorText } from '../../src/commands/framework/showError.ts';
import { localFile, localFiles } from '../../src/host/files.ts';
import { declaringFiles } from '../../src/host/mirrorFiles.ts';
import { files, run } from './support.ts';

describe('What nobody expected', () => {
  it('is reported to programs and people by its kind: the text of an error may quote a row', async () => {
    const logged: unknown[] = [];
    const log = new Proxy({} as never, {
      get:
        () =>
        (...args: unknown[]) =>
          void logged.push(args[0]),
    });
    const throwing = (error: unknown) => () => {
      throw error;
    };
    let parsing: unknown;
    try {
      JSON.parse('ada@planted.example');
    } catch (error) {
      parsing = error;
    }
    assert.match(String(parsing), /planted/);
    const table = { 'test.parse': throwing(parsing), 'test.text': throwing('ada@planted.example') };
    const registration = registerCommands(table as never, log);
    try {
      for (const id of Object.keys(table)) {
        const error: unknown = await vscode.commands.executeCommand(id, {}).then(
          () => assert.fail('it rejects'),
          (thrown: unknown) => thrown,
        );
        assert.doesNotMatch(inspect(error, { depth: 5, showHidden: true }), /planted/);
        assert.match(String(error), /Internal error: (SyntaxError|string)/);
      }
      assert.doesNotMatch(errorText(parsing), /planted/);
      assert.doesNotMatch(logged.filter((entry) => typeof entry === 'string').join(' '), /planted/);
    } finally {
      registration.dispose();
    }
  });

  it('is a file of mirrors of any size: it is read when the folder is opened', async () => {
    const given = await files('large-mirrors', { 'pinpoint-audience.json': ' '.repeat(1_100_000) });
    try {
      const found = await declaringFiles();
      const large = found.find(({ uri }) => uri.fsPath === given.uri('pinpoint-audience.json').fsPath);
      assert.match(String(large?.error), /larger than 1 MB/);
    } finally {
      await given.remove();
    }
  });

  it('is a link to a file of the system that is said to be empty in place of a file of mirrors', async function () {
    if (process.platform !== 'linux') this.skip();
    const given = await files('endless-mirrors', {});
    try {
      const link = given.uri('pinpoint-audience.json');
      await symlink('/proc/self/pagemap', link.fsPath);
      const found = (await declaringFiles()).find(({ uri }) => uri.fsPath === link.fsPath);
      assert.ok(found?.error !== undefined);
    } finally {
      await given.remove();
    }
  });

  it('is a named pipe or a device in place of an endpoint file: refused at once, by every command that reads', async function () {
    if (process.platform === 'win32') this.skip();
    const folder = await mkdtemp(join(tmpdir(), 'pinpoint-audience-pipe-'));
    try {
      const pipe = join(folder, 'pipe.csv');
      execFileSync('mkfifo', [pipe]);
      for (const path of [pipe, '/dev/zero', '/dev/null']) {
        const uri = vscode.Uri.file(path);
        const refusal = { code: 'bad-input', message: /neither a file nor a folder|isn't a file/ };
        await assert.rejects(localFile(uri), refusal, path);
        await assert.rejects(localFiles([uri]), refusal, path);
      }
      const file = vscode.Uri.file(pipe);
      for (const id of [
        'validateFile',
        'showReport',
        'writeFixedCopy',
        'convertFile',
        'makeImportable',
        'splitFile',
      ] as const)
        await assert.rejects(run(id, file, { confirm: false }), { code: 'bad-input' }, id);
      await assert.rejects(run('compareFiles', [file, file], { by: 'Id', confirm: false }));
      // In a folder, it is left out.
      await assert.rejects(localFiles([vscode.Uri.file(folder)]), { code: 'not-found' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
