import { after, afterEach, before, describe, it } from 'mocha';
import type { Workbench } from '../support/workbench.ts';
import { openScene, type Scene } from './scene.ts';

describe('the staging bucket, in the window', () => {
  let scene: Scene;
  let window: Workbench;

  before(async function () {
    this.timeout(120_000);
    scene = await openScene();
    window = scene.workbench;
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await window.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
  });

  after(() => scene.close());

  it('shows what is in it, beside the projects', async () => {
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
});
