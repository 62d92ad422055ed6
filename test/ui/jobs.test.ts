import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { Workbench } from '../support/workbench.ts';
import { openScene, rush, standstill, type Scene } from './scene.ts';

const jobLimit = 90_000;

const failing = [
  'ChannelType,Address,Id,OptOut',
  'EMAIL,ana@example.com,u-1,NONE',
  'MAIL,not an address,u-2,NONE',
  'EMAIL,bo@example.com,u-3,NONE',
  'EMAIL,di@example.com,u-4,PERHAPS',
  '',
].join('\n');

async function startImport(window: Workbench, file: string, name: string): Promise<void> {
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

describe('jobs, in the window', () => {
  let scene: Scene;
  let window: Workbench;

  before(async () => {
    scene = await openScene({ files: { 'failing.csv': failing } });
    window = scene.workbench;
  });

  beforeEach(() => scene.setFaults(standstill));

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await window.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
  });

  after(() => scene.close());

  const jobs = (text: string | RegExp) => window.view('Jobs').row(text);

  it('continue across a reload, and notify once when they end', async () => {
    await startImport(window, 'good-endpoints.csv', 'Across a reload');
    await window.openContainer('Pinpoint Audience');
    await jobs(/Across a reload.*importing/).waitFor();
    await window.screenshot('30-before-reload');
    await window.reload();
    await window.openContainer('Pinpoint Audience');
    await jobs(/Across a reload.*importing/).waitFor();
    await window.statusItem(/sandbox.*1/).waitFor();
    await window.screenshot('31-after-reload');
    await scene.setFaults(rush);
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

  it('are notified of in the window that responds, if another lost its connection', async () => {
    await startImport(window, 'good-endpoints.csv', 'Broken away');
    await window.openContainer('Pinpoint Audience');
    await jobs(/Broken away.*importing/).waitFor();
    await window.crash();
    await scene.setFaults(rush);
    await window.notification('The import of Broken away has completed: 40 processed.', jobLimit);
    await window.clearNotifications();
  });

  it('link their failures to the lines of the file', async () => {
    await scene.setFaults(rush);
    await startImport(window, 'failing.csv', 'With failures');
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
    await window.followLink('line 5');
    await window.statusItem(/Ln 5, Col 1/).waitFor();
    await window.screenshot('36-at-the-line');
    await window.page.keyboard.press('Control+Tab');
  });

  it('show their failures in Problems with one click', async () => {
    await jobs(/With failures/).click();
    await window.page
      .locator('.codelens-decoration a')
      .filter({ hasText: 'Show Import Failures in Problems' })
      .click();
    await window.page
      .locator('.markers-panel .monaco-list-row')
      .filter({ hasText: /ChannelType must be one of.*Pinpoint import.*\[Ln 3, Col 1\]/ })
      .waitFor();
    await window.statusItem(/Ln 3, Col 1/).waitFor();
    await window.screenshot('37-failures-in-problems');
    await window.clearNotifications();
  });

  it('are filtered, with a message', async () => {
    await window.runCommand('Pinpoint Audience: Filter Jobs…');
    await window.quickInput.waitFor('Select a filter, or type');
    await window.screenshot('38-filter');
    await window.quickInput.pick('Completed with failures');
    await window.view('Jobs').pane.getByText('1 of 3 jobs: with failures.').waitFor();
    assert.equal((await window.view('Jobs').rows()).length, 1);
    await window.screenshot('39-filtered');
    await window.runCommand('Pinpoint Audience: Clear Job Filter');
    await window.until('all jobs', async () =>
      (await window.view('Jobs').rows()).length === 3 ? true : undefined,
    );
  });

  it('are forgotten with the keyboard, several at once', async () => {
    await jobs(/With failures/).click();
    for (const name of [/Broken away/, /Across a reload/])
      await jobs(name).click({ modifiers: ['ControlOrMeta'] });
    await window.page.keyboard.press('Delete');
    await window.dialog.waitFor();
    assert.match(await window.dialog.innerText(), /Forget 3 runs\?/);
    await window.screenshot('40-forget-several');
    await window.clickDialog('Forget');
    await window.view('Jobs').link('Import').first().waitFor();
    await window.screenshot('41-forgotten');
  });
});

describe('jobs that end while no window is open', () => {
  let scene: Scene;
  let window: Workbench;

  before(async () => {
    scene = await openScene({
      settings: { 'pinpointAudience.jobs.unzipLimit': 0.000_001 },
    });
    window = scene.workbench;
  });

  beforeEach(() => scene.setFaults(standstill));

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await window.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
  });

  after(() => scene.close());

  const jobs = (text: string | RegExp) => window.view('Jobs').row(text);

  it('are notified of in one message when a window opens, once', async () => {
    await startImport(window, 'good-endpoints.csv', 'First of two');
    await startImport(window, 'good-endpoints.csv', 'Second of two');
    await window.openContainer('Pinpoint Audience');
    await jobs(/Second of two.*importing/).waitFor();
    await window.closedDuring(async () => {
      await scene.setFaults(rush);
      await scene.jobsEnded();
    });
    await window.notification('2 jobs have ended: 2 completed.', jobLimit);
    await window.screenshot('42-told-of-two');
    await window.clickNotification('2 jobs have ended', 'Show Jobs');
    await jobs(/Second of two.*imported/).waitFor();
    await window.reload();
    await window.openContainer('Pinpoint Audience');
    await jobs(/Second of two.*imported/).waitFor();
    await window.page.waitForTimeout(2000);
    assert.deepEqual(
      (await window.notifications()).filter((text) => text.includes('have ended')),
      [],
    );
  });

  it('ask before they unpack more than expected, and leave nothing if declined', async () => {
    await scene.setFaults(rush);
    await window.openContainer('Pinpoint Audience');
    await window.view('Audience').menu('Sample Project', 'Export Project…');
    await window.dialog.waitFor();
    await window.clickDialog('Export');
    const files = async (): Promise<string[]> => {
      const names = await readdir(scene.workspace, { recursive: true });
      return names.filter((name) => name.endsWith('.ndjson') && name.includes('Sample Project'));
    };
    for (const answer of ['Cancel', 'Continue']) {
      if (answer === 'Cancel')
        await window.clickNotification('The export of Sample Project has completed', 'Download…', jobLimit);
      else await window.view('Jobs').menu(/Sample Project/, 'Download Export…');
      await window.quickInput.waitFor('Folder to download to');
      await window.quickInput.accept();
      await window.dialog.waitFor();
      assert.match(await window.dialog.innerText(), /larger than expected[\s\S]*Unzipped so far/);
      if (answer === 'Continue') await window.screenshot('43-larger-than-expected');
      assert.deepEqual(await files(), []);
      await window.clickDialog(answer);
      if (answer === 'Cancel') continue;
      await window.notification('Downloaded to');
      assert.equal((await files()).length, 1);
    }
  });

  it('are cancelled while queued, and retried with success', async () => {
    await window.openContainer('Pinpoint Audience');
    for (const name of ['One that runs', 'Another that runs', 'Tried again'])
      await startImport(window, 'good-endpoints.csv', name);
    await window.openContainer('Pinpoint Audience');
    await jobs(/Tried again.*waiting|Tried again.*queue/).waitFor();
    await window.screenshot('44-in-the-queue');
    await window.view('Jobs').menu(/Tried again/, 'Cancel Import');
    await jobs(/Tried again.*cancelled/).waitFor();
    await window.view('Jobs').menu(/Tried again/, 'Retry Import…');
    await window.dialog.waitFor();
    await window.screenshot('45-retry');
    await window.clickDialog('Retry');
    await scene.setFaults(rush);
    await jobs(/Tried again.*imported · 40 processed/).waitFor({ timeout: jobLimit });
    await window.screenshot('46-tried-again');
  });
});
