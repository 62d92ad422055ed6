import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'mocha';
import { openScene, reportIn, type Scene } from './scene.ts';

describe('the audience report, in the window', () => {
  let scene: Scene | undefined;

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await scene?.workbench.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
  });

  after(() => scene?.close());

  it('opens from the Explorer, links to findings, reports changes and survives a reload', async () => {
    scene = await openScene({ env: process.env });
    const window = scene.workbench;
    await window.explorerMenu(['crm-export-with-errors.csv'], 'Pinpoint Audience', 'Show Audience Report');
    const page = reportIn(window);
    await page.getByRole('heading', { name: 'crm-export-with-errors.csv', level: 1 }).waitFor();
    await page.getByRole('heading', { name: 'Attributes' }).waitFor();
    for (const theme of ['dark', 'light', 'high-contrast'] as const) {
      await window.setTheme(theme);
      await window.clearNotifications();
      await window.screenshot(`60-${theme}-report`);
      await page.getByRole('heading', { name: 'Attributes' }).scrollIntoViewIfNeeded();
      await window.screenshot(`61-${theme}-report-attributes`);
      await page.getByRole('heading', { level: 1 }).scrollIntoViewIfNeeded();
    }
    await window.setTheme('dark');

    // What moves between pages has to be there for the keyboard and the screen reader, too.
    assert.ok((await page.getByRole('table').count()) >= 3);
    assert.equal(await page.locator('svg:not([aria-hidden="true"])').count(), 0);
    const place = page.getByRole('button', { name: /line \d+, column \d+/ }).first();
    const [, line = '', column = ''] =
      /line (\d+), column (\d+)/.exec((await place.getAttribute('aria-label')) ?? '') ?? [];
    await place.focus();
    await window.page.keyboard.press('Enter');
    // The finding is selected, which the status bar counts.
    await window.statusItem(new RegExp(`Ln ${line}, Col \\d+`)).waitFor();
    assert.ok(Number(column) > 0);
    await window.screenshot('62-report-finding');

    const file = join(scene.workspace, 'crm-export-with-errors.csv');
    await appendFile(file, '\n');
    await window.runCommand('View: Open Previous Editor');
    await page.getByText('Changed since: crm-export-with-errors.csv').waitFor();
    await window.reload();
    // Which of the editors comes back as the active one depends on how much the window could still note.
    await window.page.locator('.tab[data-resource-name^="webview"]').click();
    const restored = reportIn(window);
    await restored.getByText('Changed since: crm-export-with-errors.csv').waitFor({ timeout: 60_000 });
    await restored.getByRole('button', { name: 'Validate Again' }).click();
    await restored.getByText('Changed since').waitFor({ state: 'detached' });
    await restored.getByRole('heading', { name: 'Attributes' }).waitFor();
    await window.screenshot('63-report-restored');
  });
});
