import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Workbench } from '../support/workbench.ts';
import { openScene, type Scene } from './scene.ts';

const jobLimit = 90_000;

const failing = [
  'ChannelType,Address,Id,OptOut',
  'EMAIL,ana@example.com,u-1,NONE',
  'EMAIL,not an address,u-2,NONE',
  'EMAIL,bo@example.com,u-3,NONE',
  'EMAIL,di@example.com,u-4,PERHAPS',
  '',
].join('\n');

describe('jobs, in the window', () => {
  let scene: Scene;
  let window: Workbench;

  before(async function () {
    this.timeout(120_000);
    scene = await openScene({ paceMs: 2500 });
    window = scene.workbench;
    await writeFile(join(scene.workspace, 'failing.csv'), failing);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await window.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
  });

  after(() => scene.close());

  const jobs = (text: string | RegExp) => window.view('Jobs').row(text);

  async function startImport(file: string, name: string): Promise<void> {
    await window.explorerMenu([file], 'Pinpoint Audience', 'Import…');
    await window.quickInput.waitFor('project');
    await window.quickInput.pick('Sample Project');
    await window.quickInput.pick('New segment');
    await window.quickInput.waitFor('Name of the new segment');
    await window.quickInput.type(name);
    await window.quickInput.accept();
    await window.dialog.waitFor();
    await window.clickDialog(/^Import/);
  }

  it('go on through a reload, and tell of their end once', async () => {
    await startImport('good-endpoints.csv', 'Across a reload');
    await window.openContainer('Pinpoint Audience');
    await jobs(/Across a reload.*importing/).waitFor();
    await window.screenshot('30-before-reload');
    await window.reload();
    await window.openContainer('Pinpoint Audience');
    await jobs(/Across a reload.*importing/).waitFor();
    await window.statusItem(/sandbox.*1/).waitFor();
    await window.screenshot('31-after-reload');
    await window.notification('The import of Across a reload has completed: 40 processed.', jobLimit);
    await jobs(/Across a reload.*imported · 40 processed/).waitFor();
    await window.screenshot('32-ended-after-reload');
    await window.clearNotifications();
    await window.reload();
    await window.openContainer('Pinpoint Audience');
    await jobs(/Across a reload.*imported/).waitFor();
    await window.page.waitForTimeout(2000);
    const told = (await window.notifications()).filter((text) => text.includes('Across a reload'));
    assert.deepEqual(told, [], 'it was told before');
  });

  it('lead from their failures to the lines of the file', async () => {
    await startImport('failing.csv', 'With failures');
    await window.openContainer('Pinpoint Audience');
    await window.notification(/The import of With failures has completed: 4 processed, 2 failed/, jobLimit);
    await window.screenshot('33-failures-told');
    await window.clickNotification('The import of With failures', 'Show Job');
    await window.until('the lines', async () =>
      (await window.editorText()).includes('failing.csv, line 3') ? true : undefined,
    );
    await window.page.locator('.codelens-decoration a').first().waitFor();
    await window.screenshot('34-job-page');
    for (const theme of ['light', 'high-contrast', 'dark'] as const) {
      await window.setTheme(theme);
      await window.page.waitForTimeout(500);
      if (theme !== 'dark') await window.screenshot(`35-job-page-${theme}`);
    }
    const link = window.page.locator('.view-line .detected-link').filter({ hasText: 'line 5' }).first();
    await link.click({ modifiers: ['ControlOrMeta'] });
    await window.statusItem(/Ln 5, Col 1/).waitFor();
    await window.screenshot('36-at-the-line');
    await window.page.keyboard.press('Control+Tab');
  });

  it('show their failures in Problems with one click', async () => {
    await jobs(/With failures/).click();
    await window.page.locator('.codelens-decoration a').filter({ hasText: 'Show Failures in File' }).click();
    await window.page
      .locator('.markers-panel .monaco-list-row')
      .filter({ hasText: /Address must be an email address.*Pinpoint import.*\[Ln 3, Col 1\]/ })
      .waitFor();
    await window.statusItem(/Ln 3, Col 1/).waitFor();
    await window.screenshot('37-failures-in-problems');
    await window.clearNotifications();
  });

  it('are filtered, and say so', async () => {
    await window.runCommand('Pinpoint Audience: Filter Jobs…');
    await window.quickInput.waitFor('Choose, or type');
    await window.screenshot('38-filter');
    await window.quickInput.pick('Completed with failures');
    await window.view('Jobs').pane.getByText('Filtered by with failures: 1 of 2 jobs.').waitFor();
    assert.equal((await window.view('Jobs').rows()).length, 1);
    await window.screenshot('39-filtered');
    await window.runCommand('Pinpoint Audience: Clear Filter of Jobs');
    await window.until('all jobs', async () =>
      (await window.view('Jobs').rows()).length === 2 ? true : undefined,
    );
  });

  it('are forgotten from the keyboard, several at once', async () => {
    await jobs(/With failures/).click();
    await window.view('Jobs').row(/Across a reload/).click({ modifiers: ['ControlOrMeta'] }); // prettier-ignore
    await window.page.keyboard.press('Delete');
    await window.dialog.waitFor();
    assert.match(await window.dialog.innerText(), /Forget 2 runs\?/);
    await window.screenshot('40-forget-two');
    await window.clickDialog('Forget');
    await window.view('Jobs').link('Import').first().waitFor();
    await window.screenshot('41-forgotten');
  });
});
