import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { sampleBucket } from '../../src/sandbox/sampleAudience.ts';
import type { Workbench } from '../support/workbench.ts';
import { openScene, type Scene } from './scene.ts';

/** The attack that was shown: one click on "2 more" uploaded a file of the user's, without a question. */
function attack(path: string): string {
  const args = encodeURIComponent(JSON.stringify([path, { bucket: 'b', confirm: false }]));
  return `customers [2 more](command:pinpointAudience.uploadFile?${args}).csv`;
}

/** An extension that calls commands as any other may, also in Restricted Mode. */
async function writeCaller(
  extensions: string,
  calls: Readonly<Record<string, readonly unknown[]>>,
): Promise<void> {
  const folder = join(extensions, 'test.caller-1.0.0');
  await mkdir(folder, { recursive: true });
  const commands = Object.keys(calls).map((name) => ({
    command: `caller.${name}`,
    title: `Caller: ${name}`,
  }));
  const manifest = {
    ...{
      name: 'caller',
      publisher: 'test',
      version: '1.0.0',
      engines: { vscode: '^1.103.0' },
      main: 'main.cjs',
    },
    capabilities: { untrustedWorkspaces: { supported: true } },
    contributes: { commands },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  const text = (name: string, args: readonly unknown[]): string =>
    `context.subscriptions.push(vscode.commands.registerCommand('caller.${name}', () => vscode.commands.executeCommand(...${JSON.stringify(args)}).then(() => undefined, () => undefined)));`;
  await writeFile(
    join(folder, 'main.cjs'),
    `const vscode = require('vscode');\nexports.activate = (context) => {\n${Object.entries(calls)
      .map(([name, args]) => text(name, args))
      .join('\n')}\n};\n`,
  );
}

describe('Restricted Mode, in the window', () => {
  let scene: Scene;
  let window: Workbench;
  let outside: string;
  let file: string;

  before(async () => {
    outside = await mkdtemp(join(tmpdir(), 'pa-'));
    file = join(outside, 'p.csv');
    await writeFile(file, 'ChannelType,Address\nEMAIL,ada@example.com\n');
    const dataDir = join(outside, 'vscode');
    await writeCaller(join(dataDir, 'extensions'), {
      upload: ['pinpointAudience.uploadFile', file, { bucket: sampleBucket, confirm: false }],
      convert: ['pinpointAudience.convertFile', file, {}],
      imitate: [
        'pinpointAudience.convertFile',
        { $mid: 1, scheme: 'file', path: file },
        [{ $mid: 1, scheme: 'file', path: file }],
      ],
      report: ['pinpointAudience.showReport', file, { markdown: join(outside, 'report.md') }],
      connect: [
        'pinpointAudience.connect',
        { endpointUrl: 'http://pinpoint.example:1', region: 'us-east-1' },
      ],
    });
    scene = await openScene({
      restricted: true,
      dataDir,
      files: {
        [attack(file)]: 'ChannelType,Address\nEMAIL,ada@example.com\n',
        '.vscode/settings.json': JSON.stringify({
          'pinpointAudience.validation.severity': { 'channel-type-unknown': 'off' },
          'pinpointAudience.automation.allowFilesOutsideWorkspace': true,
        }),
        'bad.csv': 'ChannelType,Address,Id\nSMOKE,ada@example.com,1\n',
      },
    });
    window = scene.workbench;
    await window.openContainer('Pinpoint Audience');
    await window.statusItem('sandbox · us-east-1').waitFor();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await window.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
  });

  after(() => scene.close());

  const staged = (): Promise<string> =>
    scene.send({
      service: 's3',
      path: `/${sampleBucket}`,
      query: { 'list-type': '2', prefix: 'pinpoint-audience/' },
    });

  it('makes no link from a file named like a command', async () => {
    await window.openContainer('Explorer');
    const row = window.page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ hasText: '[2 more]' });
    await row.click({ button: 'right' });
    await window.followMenu(['Pinpoint Audience', 'Validate']);
    const shown = await window.notification(/customers \[2 more\] \(command:pinpointAudience\.uploadFile/);
    await window.screenshot('restricted-1-attack');
    assert.equal(await shown.locator('.notification-list-item-message a').count(), 0);
    await shown.getByText('2 more').click();
    await window.page.waitForTimeout(500);
    assert.ok(!(await staged()).includes('<Key>'), 'nothing was uploaded');
    await window.clearNotifications();
  });

  it('ignores workspace settings that let a bad file pass', async () => {
    await window.explorerMenu(['bad.csv'], 'Pinpoint Audience', 'Validate');
    await window.until('the finding', async () =>
      (await window.problems()).some((row) => row.includes('channel-type-unknown')) ? true : undefined,
    );
    await window.clearNotifications();
  });

  it('asks before it sends what a program wants to send without asking', async () => {
    await window.runCommand('Caller: upload');
    await window.dialog.getByText(/Run ".*"\?/).waitFor();
    assert.ok((await window.dialog.innerText()).includes(`bucket: ${sampleBucket}`));
    await window.dialog.getByRole('button', { name: 'Run' }).click();
    await window.dialog.getByText('Upload p.csv to the staging bucket?').waitFor();
    await window.screenshot('restricted-2-upload');
    assert.ok((await window.dialog.innerText()).includes(`Outside the workspace: ${file}`));
    await window.clickDialog('Cancel');
    assert.ok(!(await staged()).includes('<Key>'), 'nothing was uploaded');
  });

  it('asks before it writes a file for a program', async () => {
    await window.runCommand('Caller: convert');
    await window.dialog.getByText(/Run ".*"\?/).waitFor();
    await window.screenshot('restricted-3-convert');
    const shown = await window.dialog.innerText();
    assert.ok(shown.includes(join(outside, 'p.csv')), shown);
    await window.clickDialog('Cancel');
    assert.deepEqual(
      (await readdir(outside)).filter((name) => name.endsWith('.ndjson')),
      [],
    );
  });

  it('asks the same of a call that looks like a click in the Explorer, and before it writes a report', async () => {
    const before = await readdir(outside);
    for (const caller of ['imitate', 'report']) {
      await window.runCommand(`Caller: ${caller}`);
      await window.dialog.getByText(/Run ".*"\?/).waitFor();
      await window.screenshot(`restricted-5-${caller}`);
      assert.ok((await window.dialog.innerText()).includes(file), caller);
      await window.clickDialog('Cancel');
    }
    assert.deepEqual(await readdir(outside), before);
  });

  it('asks before it connects, and again before anything goes to a host unencrypted', async () => {
    await window.runCommand('Caller: connect');
    await window.dialog.getByText(/Run ".*"\?/).waitFor();
    await window.dialog.getByRole('button', { name: 'Run' }).click();
    await window.dialog.getByText('Connect to pinpoint.example:1 without encryption?').waitFor();
    await window.screenshot('restricted-4-unencrypted');
    await window.clickDialog('Cancel');
    await window.statusItem('sandbox · us-east-1').waitFor();
  });
});
