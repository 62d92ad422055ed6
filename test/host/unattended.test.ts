import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { readInvocation } from '../../src/commands/framework/invocation.ts';
import { allowed, allowedToSend } from '../../src/commands/framework/unattended.ts';
import { commandIds } from '../../src/host/commandIds.ts';
import { files, good } from './support.ts';

const setting = 'automation.allowFilesOutsideWorkspace';

describe('A call with confirm: false', () => {
  let inside: Awaited<ReturnType<typeof files>>;
  let outside: string;
  const call = readInvocation([{ confirm: false }]);
  const isInteractive = async (...paths: readonly string[]): Promise<boolean> =>
    (
      await allowedToSend(
        call,
        paths.map((path) => ({ path })),
      )
    ).isInteractive;

  before(async () => {
    inside = await files('unattended', { 'good.csv': good });
    outside = await mkdtemp(join(tmpdir(), 'pinpoint-audience-outside-'));
    await writeFile(join(outside, 'private.csv'), good);
    await symlink(join(outside, 'private.csv'), inside.uri('link.csv').fsPath);
    await symlink(outside, inside.uri('..folder').fsPath);
  });

  after(async () => {
    await inside.remove();
    await rm(outside, { recursive: true });
  });

  it('asks nothing in a trusted workspace, about files that are in it', async () => {
    assert.equal(vscode.workspace.isTrusted, true);
    assert.equal((await allowed(call, commandIds.uploadFile)).isInteractive, false);
    assert.equal(await isInteractive(inside.uri('good.csv').fsPath), false);
  });

  it('asks before it sends a file from elsewhere, also where a link leads there, or one of several is there', async () => {
    const good = inside.uri('good.csv').fsPath;
    for (const path of [
      join(outside, 'private.csv'),
      inside.uri('link.csv').fsPath,
      inside.uri('..folder/private.csv').fsPath,
      `${inside.folder.fsPath}/../../../${outside}/private.csv`,
      inside.uri('gone.csv').fsPath,
    ])
      assert.equal(await isInteractive(good, path), true, path);
  });

  it('asks nothing about them where a setting of the machine allows that, which no workspace can set', async () => {
    const settings = vscode.workspace.getConfiguration('pinpointAudience');
    await assert.rejects(
      Promise.resolve(settings.update(setting, true, vscode.ConfigurationTarget.Workspace)),
    );
    await settings.update(setting, true, vscode.ConfigurationTarget.Global);
    try {
      assert.equal(await isInteractive(join(outside, 'private.csv')), false);
    } finally {
      await settings.update(setting, undefined, vscode.ConfigurationTarget.Global);
    }
    assert.equal(await isInteractive(join(outside, 'private.csv')), true);
  });
});
