import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Workbench } from '../support/workbench.ts';
import { openScene, type Scene } from './scene.ts';

/** What the jobs of one mirror may take in a sandbox with its pauses, on a slow machine. */
const jobLimit = 120_000;

const header = 'Id,ChannelType,Address,Attributes.Plan\n';
const row = (id: string, plan: string): string => `${id},EMAIL,${id}@example.com,${plan}\n`;

const mirrors = {
  mirrors: [
    {
      name: 'Members',
      source: 'members.csv',
      project: 'Sample Project',
      segment: 'Members of the club',
      identifier: 'Id',
    },
  ],
};

describe('audience operations, in the window', () => {
  let scene: Scene;
  let window: Workbench;

  before(async () => {
    scene = await openScene({
      files: {
        'members.csv': header + row('m1', 'gold') + row('m2', 'gold') + row('m3', 'basic'),
        'pinpoint-audience.json': JSON.stringify(mirrors, undefined, 2),
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

  /** Opens a project's resource by its Id through the palette. */
  const open = async (command: string, id: string): Promise<void> => {
    await window.runCommand(`Pinpoint Audience: ${command}`);
    await window.quickInput.pick('Sample Project');
    await window.quickInput.waitFor(' Id in Sample Project');
    await window.quickInput.type(id);
    await window.quickInput.accept();
  };

  /** Replaces a text that the active editor shows once. */
  const replace = async (from: string, to: string): Promise<void> => {
    await window.runCommand('Replace');
    await window.page.locator('.find-widget.visible .find-part textarea').first().fill(from);
    await window.page.locator('.find-widget.visible .replace-part textarea').first().fill(to);
    await window.page.keyboard.press('ControlOrMeta+Alt+Enter');
    await window.page.keyboard.press('Escape');
  };

  it('mirror a file to a segment after a dry run, and verify it', async () => {
    const view = window.view('Mirrors');
    await view.row('Members').waitFor();
    await window.screenshot('40-mirrors');
    await view.menu('Members', 'Run Mirror…');
    await window.dialog.waitFor();
    assert.match(await window.dialog.innerText(), /3 added, 0 changed, 0 removed, 0 unchanged/);
    await window.screenshot('41-mirror-confirm');
    await window.clickDialog('Mirror');
    await window.notification('The segment has exactly the 3 members', jobLimit);
    await view.row(/Members.*exact · 3 members/).waitFor();
    await window.screenshot('42-mirrored');
    await window.clearNotifications();

    await writeFile(
      join(scene.workspace, 'members.csv'),
      header + row('m2', 'silver') + row('m3', 'basic') + row('m4', 'gold'),
    );
    await view.menu('Members', 'Preview Mirror Changes…');
    await window.until('the dry run', async () =>
      /Compared with: the last run/.test(await window.editorText()) ? true : undefined,
    );
    const text = await window.editorText();
    for (const line of [/Added: 1, line 4/, /Changed: 1, line 2/, /Removed: 1/, /Unchanged: 1/])
      assert.match(text, line);
    await window.screenshot('43-mirror-dry-run');
    await window.clickNotification('Compared with the last run', 'Compare with Export…');
    await window.dialog.waitFor();
    await window.clickDialog('Export');
    await window.until(
      'the dry run against an export',
      async () =>
        /Compared with: a new export of the segment[\s\S]*Removed: 1 \(m1\)/.test(await window.editorText())
          ? true
          : undefined,
      jobLimit,
    );
    await window.screenshot('43-mirror-dry-run-export');
    await view.menu('Members', 'Run Mirror…');
    await window.dialog.waitFor();
    assert.match(await window.dialog.innerText(), /1 added, 1 changed, 1 removed, 1 unchanged/);
    await window.clickDialog('Mirror');
    await window.notification('The segment has exactly the 3 members', jobLimit);
    await window.clearNotifications();
  }).timeout(2 * jobLimit);

  it('open a dynamic segment with a click, and ask before saving', async () => {
    const audience = window.view('Audience');
    await audience.expand('Sample Project');
    await audience.expand('Segments');
    await audience.row('Newsletter by email').click();
    await window.page.locator('.tab.active[data-resource-name="Newsletter by email.segment.json"]').waitFor();
    await replace('"EMAIL"', '"SMS"');
    await window.page.keyboard.press('ControlOrMeta+S');
    await window.dialog.waitFor();
    assert.match(
      await window.dialog.innerText(),
      /Save segment Newsletter by email\?[\s\S]*Changes: Dimensions.Demographic/,
    );
    await window.screenshot('44-segment-save');
    await window.clickDialog('Save');
    await window.page.locator('.tab.active:not(.dirty)').waitFor();
    await audience.menu('Newsletter by email', 'Compare Segment Versions…');
    await window.quickInput.pick('Version 2');
    await window.quickInput.pick('Version 1');
    await window.page.locator('.monaco-diff-editor .view-line').first().waitFor();
    await window.screenshot('45-segment-versions');
    await audience.row('Customers of the spring campaign').click();
    await window.until('the imported segment', async () =>
      /EMAIL: 200/.test(await window.editorText()) ? true : undefined,
    );
    await window.screenshot('46-segment-imported');
  });

  it('ask how to resolve a conflict with the service', async () => {
    await open('Open Endpoint…', 'customer-001-email');
    const tab = window.page.locator(
      '.tab.active[data-resource-name="customer-001-email.pinpoint-endpoint.json"]',
    );
    await tab.waitFor();
    await window.screenshot('47-endpoint');
    await open('Open User…', 'customer-001');
    await window.page.locator('.tab.active[data-resource-name="customer-001.pinpoint-user.json"]').waitFor();
    await replace('"Ada"', '"Adele"');
    await window.page.keyboard.press('ControlOrMeta+S');
    await window.dialog.waitFor();
    await window.clickDialog('Update');
    await window.page.locator('.tab.active:not(.dirty)').waitFor();

    await window.page.locator('.tab[data-resource-name="customer-001-email.pinpoint-endpoint.json"]').click();
    await replace('"Berlin"', '"Potsdam"');
    await window.page.keyboard.press('ControlOrMeta+S');
    await window.dialog.waitFor();
    assert.match(
      await window.dialog.innerText(),
      /changed in the service since you opened it[\s\S]*Last change: \d/,
    );
    await window.screenshot('48-endpoint-conflict');
    await window.clickDialog('Compare');
    await window.page.locator('.monaco-diff-editor').first().waitFor();
    await window.screenshot('49-endpoint-compare');
    await window.page.keyboard.press('ControlOrMeta+S');
    await window.dialog.waitFor();
    assert.match(
      await window.dialog.innerText(),
      /Sets: User\.UserAttributes\.FirstName, Location\.City$/m,
      'the moment of the change is not turned back',
    );
    await window.clickDialog('Update');
    await window.page.locator('.tab.active:not(.dirty)').waitFor();
  });

  it('delete a user once the Id was typed, and show a receipt', async () => {
    await open('Delete User and All Endpoints…', 'customer-002');
    await window.quickInput.waitFor('Permanently delete this user');
    await window.screenshot('50-user-delete');
    await window.quickInput.type('customer-002');
    await window.quickInput.accept();
    await window.until('the receipt', async () =>
      /Deletion receipt/.test(await window.editorText()) ? true : undefined,
    );
    assert.match(await window.editorText(), /the service no longer has endpoints of this user/);
    await window.screenshot('51-user-receipt');
  });

  it('update and delete the endpoints of a file, and report the result of each line', async () => {
    await writeFile(join(scene.workspace, 'gone.csv'), 'Id\ncustomer-003-email\nnobody\n');
    await window.explorerMenu(['gone.csv'], 'Pinpoint Audience', 'Delete Endpoints or Users Listed in File…');
    await window.quickInput.pick('Sample Project');
    await window.quickInput.pick('Endpoints');
    await window.dialog.waitFor();
    await window.screenshot('52-bulk-confirm');
    await window.clickDialog('Delete');
    await window.notification('1 done, 1 not found');
    await window.screenshot('53-bulk-done');
    const results = await readFile(join(scene.workspace, 'gone.deleted.csv'), 'utf8');
    assert.equal(results, 'Line,Id,Outcome,Message\n2,customer-003-email,done,\n3,nobody,absent,\n');
  });
});

describe('a small import without a bucket, in the window', () => {
  let scene: Scene;

  before(async () => {
    scene = await openScene({ settings: { 'pinpointAudience.staging.bucket': '' } });
  });

  after(() => scene.close());

  it('can send endpoints directly, and reports the result of each line', async () => {
    const window = scene.workbench;
    await window.openContainer('Pinpoint Audience');
    await window.statusItem('sandbox · us-east-1').waitFor();
    await window.explorerMenu(['good-endpoints.csv'], 'Pinpoint Audience', 'Import…');
    await window.quickInput.waitFor('project');
    await window.quickInput.pick('Sample Project');
    await window.quickInput.row('Send the endpoints directly').waitFor();
    await window.screenshot('54-direct-offer');
    await window.quickInput.pick('Send the endpoints directly');
    await window.dialog.waitFor();
    assert.match(await window.dialog.innerText(), /Update 40 endpoints\?/);
    await window.clickDialog('Update');
    await window.notification('40 done');
  });
});
