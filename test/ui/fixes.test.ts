import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Workbench } from '../support/workbench.ts';
import { openScene, type Scene } from './scene.ts';

const right = 'EMAIL,ana@example.com,NONE,US,en_US\n';
const wrong = [
  'ChannelType,Address,OptOut,Location.Country,Demographic.Locale\n',
  'email,ana@example.com,none,USA,en-US\n',
  right,
  'Email,bo@example.com,None,US,en_US\n',
  '\n',
  'EMAIL,not an address,all,DEU,de-DE\n',
  right,
].join('');

describe('fixing files, in the window', () => {
  let scene: Scene;
  let window: Workbench;

  before(async () => {
    // What is typed stays in the editor, so that the file on disk is the one to copy.
    scene = await openScene({
      files: { 'customers.csv': wrong },
      settings: { 'files.autoSave': 'off', 'pinpointAudience.validation.fileDecoration': true },
    });
    window = scene.workbench;
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await window.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
  });

  after(() => scene.close());

  const action = (title: string): Locator =>
    window.page.locator('.action-widget .monaco-list-row').filter({ hasText: title }).first();

  /** Goes to a finding and opens its fixes, by keyboard. */
  async function openFixes(line: number, column: number, title: string): Promise<void> {
    await window.page.keyboard.press('Escape');
    await window.runCommand('Go to Line/Column');
    await window.quickInput.type(`:${line}:${column}`);
    await window.quickInput.accept();
    await window.openFixes(title);
  }

  async function untilText(text: RegExp): Promise<void> {
    await window.until(String(text), async () => (text.test(await window.editorText()) ? true : undefined));
  }

  it('applies a fix with the keyboard', async () => {
    await window.openFile('customers.csv');
    // It comes last, and moves the text down.
    await window.page.locator('.codelens-decoration').getByText('Errors: 6').waitFor();
    await openFixes(2, 2, 'Fix all in the file');
    await window.screenshot('40-fixes');
    const titles = await window.page.locator('.action-widget .monaco-list-row.action').allInnerTexts();
    assert.match(titles[0] ?? '', /^Change to EMAIL/);
    await window.page.keyboard.press('Enter');
    await untilText(/^EMAIL,ana@example\.com,none,USA,en-US$/m);
  });

  it('applies all fixes of a kind', async () => {
    await openFixes(2, 25, 'Fix all in the file: Unknown OptOut');
    await action('Fix all in the file: Unknown OptOut').click();
    await untilText(/^EMAIL,ana@example\.com,NONE,USA,en-US$/m);
    await untilText(/^Email,bo@example\.com,NONE,US,en_US$/m);
    await untilText(/^EMAIL,not an address,ALL,DEU,de-DE$/m);
  });

  it('previews each change of a kind, and applies the selected ones', async () => {
    await openFixes(2, 29, 'Select which to fix: Three-letter country code');
    await action('Select which to fix').click();
    const rows = window.page.locator('.panel .monaco-list-row');
    await rows.nth(2).waitFor();
    await rows.nth(1).locator('.edit-checkbox').click();
    await window.screenshot('41-preview');
    await window.page.getByRole('button', { name: 'Apply', exact: true }).click();
    await untilText(/^EMAIL,ana@example\.com,NONE,US,en-US$/m);
    // Not this one: it was not chosen.
    await untilText(/^EMAIL,not an address,ALL,DEU,de-DE$/m);
    await window.runCommand('File: Revert File');
  });

  it('writes a fixed copy from the Explorer', async () => {
    await window.explorerMenu(['customers.csv'], 'Pinpoint Audience', 'Write Fixed Copy…');
    await window.quickInput.waitFor('Select fixes to apply');
    await window.quickInput.row('Unknown OptOut').waitFor();
    await window.screenshot('42-fixed-copy-what');
    await window.quickInput.accept();
    await window.quickInput.waitFor('Name of the copy');
    await window.quickInput.type('good-endpoints.csv');
    await window.quickInput.accept();
    await window.quickInput.box.getByText('good-endpoints.csv already exists').waitFor();
    await window.screenshot('43-fixed-copy-name');
    await window.quickInput.type('customers.fixed.csv');
    await window.quickInput.accept();
    await window.notification('Wrote customers.fixed.csv. Fixed 10 problems.');
    await window.screenshot('44-fixed-copy-done');
    assert.equal(
      await readFile(join(scene.workspace, 'customers.fixed.csv'), 'utf8'),
      [
        'ChannelType,Address,OptOut,Location.Country,Demographic.Locale\n',
        right,
        right,
        'EMAIL,bo@example.com,NONE,US,en_US\n',
        'EMAIL,not an address,ALL,DE,de_DE\n',
        right,
      ].join(''),
    );
    assert.equal(await readFile(join(scene.workspace, 'customers.csv'), 'utf8'), wrong);
    await window.clickNotification('Wrote customers.fixed.csv', 'Show Changes');
    await untilText(/^## Remaining$/m);
    await window.screenshot('45-what-was-put-right');
  });

  it('marks valid files, if the setting is on', async () => {
    await window.clearNotifications();
    await window.explorerMenu(['good-endpoints.ndjson'], 'Pinpoint Audience', 'Validate');
    await window.notification('good-endpoints.ndjson: no problems');
    await window.explorerItem('good-endpoints.ndjson').locator('[aria-label*="Valid: "]').waitFor();
    await window.screenshot('49-decoration');
  });

  it('prompts for the size of parts, and how to match endpoints', async () => {
    await window.clearNotifications();
    await window.explorerMenu(['good-endpoints.csv'], 'Pinpoint Audience', 'Split File…');
    await window.quickInput.waitFor('Maximum size of a part');
    await window.screenshot('46-split');
    await window.quickInput.pick('By number of records');
    await window.quickInput.waitFor('Maximum records per part');
    await window.quickInput.type('none');
    await window.quickInput.accept();
    await window.quickInput.box.getByText('Enter a number of 1 or more.').waitFor();
    await window.quickInput.type('25');
    await window.quickInput.accept();
    await window.notification('Wrote 2 files, 40 records. Nothing was lost or changed.');
    await window.clearNotifications();
    await window.explorerItem('good-endpoints.part-002.csv').waitFor();

    await window.explorerMenu(
      ['customers.csv', 'customers.fixed.csv'],
      'Pinpoint Audience',
      'Compare Audiences…',
    );
    await window.quickInput.waitFor('How to match records');
    await window.screenshot('47-compare');
    await window.quickInput.pick('Channel and address');
    await untilText(/^# Comparison of endpoint files$/m);
    await window.screenshot('48-comparison');
  });
});
