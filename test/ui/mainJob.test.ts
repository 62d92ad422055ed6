import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Workbench } from '../support/workbench.ts';
import { openScene, type Scene } from './scene.ts';

/** What a job may take in a sandbox with its pauses, and what notices it, on a slow machine. */
const jobLimit = 60_000;

describe('the main job, in the window', () => {
  let scene: Scene;
  let window: Workbench;

  before(async () => {
    scene = await openScene();
    window = scene.workbench;
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await window.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
  });

  after(() => scene.close());

  it('connects to the sandbox at start and shows its project', async () => {
    await window.openContainer('Pinpoint Audience');
    const audience = window.view('Audience');
    await audience.expand('Sample Project');
    await audience.expand('Segments');
    await audience.row('Customers of the spring campaign').waitFor();
    await window.statusItem('sandbox · us-east-1').waitFor();
    await window.screenshot('01-connected');
  });

  it('offers commands for endpoint files in upper or lower case only', async () => {
    await window.explorerMenu(['UPPERCASE.CSV'], 'Pinpoint Audience', 'Validate');
    await window.notification('UPPERCASE.CSV: 1 warning in 24 records');
    await window.screenshot('02-validated-uppercase');
    await window.clearNotifications();
    await window.explorerMenu(['good-endpoints.csv', 'UPPERCASE.CSV'], 'Pinpoint Audience', 'Validate');
    await window.notification('2 files: 1 warning in 64 records');
    await window.clearNotifications();

    await window.openMenu(['good-endpoints.csv']);
    await window.menuItem('Pinpoint Audience').hover();
    await window.menuItem('Import…').waitFor();
    const labels = await window.menuLabels();
    assert.deepEqual(
      labels.filter((label) => /^(Validate|Upload|Import|Convert|Make|Split|Compare Audi)/.test(label)),
      [
        'Validate',
        'Upload to Staging Bucket…',
        'Import…',
        'Convert to CSV or NDJSON',
        'Make Export Importable',
        'Split File…',
        'Compare Audiences…',
      ],
    );
    await window.screenshot('03-menu');
    await window.page.keyboard.press('Escape');
    await window.page.keyboard.press('Escape');

    await window.openMenu(['README.md']);
    await window.menuItem('Copy Path').waitFor();
    assert.equal(await window.menuItem('Pinpoint Audience').count(), 0);
    await window.page.keyboard.press('Escape');
  });

  it('shows findings in Problems at their positions, with their codes', async () => {
    await window.explorerMenu(['crm-export-with-errors.csv'], 'Pinpoint Audience', 'Validate');
    await window.notification(/crm-export-with-errors\.csv: \d+ errors/);
    const problems = await window.until('the findings', async () => {
      const rows = await window.problems();
      return rows.some((row) => row.includes('channel-type-unknown')) ? rows : undefined;
    });
    assert.ok(
      problems.some((row) =>
        /^Unknown ChannelType "email".* pinpoint-audience channel-type-unknown \[Ln 4, Col 1\]$/.test(row),
      ),
      problems.join('\n'),
    );
    await window.openFile('crm-export-with-errors.csv');
    await window.page.locator('.squiggly-error').first().waitFor();
    await window.screenshot('04-problems');
    await window.clearNotifications();
  });

  it('warns before a file with errors is imported', async () => {
    await window.explorerMenu(['crm-export-with-errors.csv'], 'Pinpoint Audience', 'Import…');
    await window.quickInput.waitFor('project');
    await window.quickInput.pick('Sample Project');
    await window.quickInput.pick('New segment');
    await window.quickInput.waitFor('Name of the new segment');
    await window.quickInput.accept();
    await window.dialog.waitFor();
    assert.match(await window.dialog.innerText(), /\d+ errors found/);
    await window.screenshot('05-import-with-errors');
    await window.clickDialog('Show Problems');
  });

  it('imports a file as a new segment and notifies when it is done', async () => {
    await window.explorerMenu(['good-endpoints.csv'], 'Pinpoint Audience', 'Import…');
    await window.quickInput.waitFor('project');
    await window.screenshot('06-import-project');
    await window.quickInput.pick('Sample Project');
    await window.quickInput.row('New segment').waitFor();
    await window.screenshot('07-import-outcome');
    await window.quickInput.pick('New segment');
    await window.quickInput.waitFor('Name of the new segment');
    await window.screenshot('08-import-name');
    await window.quickInput.type('Riders of August');
    await window.quickInput.accept();

    await window.dialog.waitFor();
    const question = await window.dialog.innerText();
    for (const fact of ['Sample Project', '123456789012', 'us-east-1', 'pinpoint-audience-sample', '40'])
      assert.ok(question.includes(fact), `${fact} in: ${question}`);
    await window.screenshot('09-import-confirm');
    await window.clickDialog('Import');

    await window.openContainer('Pinpoint Audience');
    await window.view('Jobs').row('Riders of August').waitFor();
    await window.screenshot('10-import-running');
    await window.notification('The import of Riders of August has completed: 40 processed.', jobLimit);
    await window.screenshot('11-import-done');
    await window
      .view('Jobs')
      .row(/Riders of August.*imported · 40 processed/)
      .waitFor();
    await window.clickNotification('The import of Riders of August', 'Show Job');
    await window.until('the job document', async () =>
      /completed · 40 processed/.test(await window.editorText()) ? true : undefined,
    );
    await window.screenshot('12-import-job');
    await window.clearNotifications();

    const audience = window.view('Audience');
    await audience.row('Riders of August').waitFor();
    await audience.expand('Import jobs');
    await audience.row(/Riders of August.*40 processed/).waitFor();
    await window.screenshot('13-import-in-tree');
  });

  it('exports the segment, downloads it and opens it', async () => {
    const audience = window.view('Audience');
    await audience.menu('Riders of August', 'Export Segment…');
    await window.dialog.waitFor();
    await window.screenshot('14-export-confirm');
    await window.clickDialog('Export');
    await window.notification('The export of Riders of August has completed: 40 processed.', jobLimit);
    await window.screenshot('15-export-done');
    await window.clickNotification('The export of Riders of August', 'Download…');
    await window.quickInput.waitFor('Folder to download to');
    await window.screenshot('16-download-where');
    await window.quickInput.accept();
    await window.notification('Downloaded to');
    const [tab] = (await window.tabs()).filter((name) => /\.(ndjson|json|jsonl)$/.test(name));
    assert.ok(tab, 'the downloaded file is open');
    await window.screenshot('17-downloaded');
    const text = await window.editorText();
    assert.match(text, /"ChannelType"\s*:\s*"(EMAIL|SMS)"/);
  });

  it('looks right in light and in high contrast', async () => {
    await window.clearNotifications();
    for (const theme of ['light', 'high-contrast'] as const) {
      await window.setTheme(theme);
      await window.openContainer('Pinpoint Audience');
      await window.problems();
      await window.screenshot(`20-${theme}-views-and-problems`);
      await window.explorerMenu(['good-endpoints.ndjson'], 'Pinpoint Audience', 'Import…');
      await window.quickInput.waitFor('project');
      await window.screenshot(`21-${theme}-import`);
      await window.page.keyboard.press('Escape');
    }
    await window.setTheme('dark');
    const sample = await readFile(join(scene.workspace, 'good-endpoints.csv'), 'utf8');
    assert.match(sample, /^ChannelType/, 'nothing of all that changed the file');
  });
});
