import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Workbench } from '../support/workbench.ts';
import { openScene, type Scene } from './scene.ts';

describe('the staging bucket, in the window', () => {
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

  it('shows its content beside the projects', async () => {
    await window.explorerMenu(
      ['crm-export-with-errors.csv'],
      'Pinpoint Audience',
      'Upload to Staging Bucket…',
    );
    await window.clickDialog('Upload');
    await window.notification('Uploaded to s3://', 60_000);
    await window.clearNotifications();
    await window.openContainer('Pinpoint Audience');
    const audience = window.view('Audience');
    await audience.row('staging bucket').waitFor();
    await audience.expand('staging bucket');
    await audience.row('exports').waitFor();
    await window.screenshot('30-staging-bucket');
  });

  it('shows folders and objects, and validates one in place', async () => {
    const audience = window.view('Audience');
    await audience.expand(/^pinpoint-audience(?!-sample)/);
    await audience.expand(/^\d{4}-\d\d-\d\d/);
    await audience.expand(/^[0-9a-f]{8}-[0-9a-f-]{27}/);
    await audience.row(/^1\.csv/).waitFor();
    await window.screenshot('30-staged-object');
    await audience.menu(/^1\.csv/, 'Validate in S3…');
    await window.until('the report', async () =>
      (await window.editorText()).includes('Validation in S3') ? true : undefined,
    );
    await window.screenshot('30-object-report');
    // A long line is shown as several.
    const text = (await window.editorText()).replaceAll('/\n', '/');
    assert.match(text, /s3:\/\/pinpoint-audience-sample\/pinpoint-audience\/[\w/-]+\/1\.csv/);
    assert.match(text, /Errors +\d+/);
    assert.match(text, /channel-type-unknown/);
  });
});
