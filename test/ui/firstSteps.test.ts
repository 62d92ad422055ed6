import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'mocha';
import { openScene, type Scene } from './scene.ts';

/** What a job may take in a sandbox with its pauses, and what notices it, on a slow machine. */
const jobLimit = 60_000;

describe('first steps, in the window', () => {
  let scene: Scene | undefined;

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await scene?.workbench.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
    await scene?.close();
    scene = undefined;
  });

  after(() => scene?.close());

  it('start without a connection: the view explains what to do, and the sandbox is one click away', async () => {
    scene = await openScene({ env: process.env });
    const window = scene.workbench;
    await window.openContainer('Pinpoint Audience');
    const audience = window.view('Audience');
    await audience.pane.getByText('Connect to Amazon Pinpoint to see your projects').waitFor();
    await window.screenshot('30-welcome');
    assert.equal(await window.offersCommand('Pinpoint Audience: Export Project'), false);

    await audience.link('Start the local sandbox').click();
    await audience.row('Local sandbox').waitFor();
    await window.screenshot('31-sandbox-started');
    await window.runCommand('Pinpoint Audience: Stop Sandbox');
    await audience.pane.getByText('Connect to Amazon Pinpoint to see your projects').waitFor();
  });

  it('prompt for bucket and role if no setting has them, and explain why a job failed', async () => {
    scene = await openScene({
      settings: {
        'pinpointAudience.staging.bucket': '',
        'pinpointAudience.roles.importArn': '',
        'pinpointAudience.roles.exportArn': '',
      },
    });
    const window = scene.workbench;
    // A first record that the sandbox refuses, so that the job fails.
    const file = join(scene.workspace, 'good-endpoints.csv');
    const [header = '', first = '', ...rest] = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, [header, first.replace('EMAIL', 'PIGEON'), ...rest].join('\n'));

    await window.explorerMenu(['good-endpoints.csv'], 'Pinpoint Audience', 'Import…');
    await window.quickInput.waitFor('Project in us-east-1');
    await window.quickInput.pick('Sample Project');
    await window.quickInput.pick('New segment');
    await window.quickInput.waitFor('Name of the new segment');
    await window.quickInput.accept();
    await window.quickInput.row('pinpoint-audience-sample').waitFor();
    await window.screenshot('32-import-bucket');
    await window.quickInput.pick('pinpoint-audience-sample');
    await window.quickInput.waitFor('role');
    await window.screenshot('33-import-role');
    await window.quickInput.accept();
    await window.dialog.waitFor();
    await window.clickDialog('Import Anyway');
    await window.notification(/The import of good-endpoints (failed|has completed: .* failed)/, jobLimit);
    await window.openContainer('Pinpoint Audience');
    await window
      .view('Jobs')
      .row(/good-endpoints.*1 failed/)
      .waitFor();
    await window.screenshot('34-import-failed');
    await window.clickNotification('The import of good-endpoints', 'Show Job');
    await window.until('the failures', async () =>
      /## Failures/.test(await window.editorText()) ? true : undefined,
    );
    await window.screenshot('35-failures');
  });

  it('include validation in Restricted Mode', async () => {
    scene = await openScene({ restricted: true, env: process.env });
    const window = scene.workbench;
    await window.openContainer('Pinpoint Audience');
    await window.view('Audience').pane.getByText('In Restricted Mode you can validate files').waitFor();
    await window.explorerMenu(['warehouse-with-errors.ndjson'], 'Pinpoint Audience', 'Validate');
    await window.notification(/warehouse-with-errors\.ndjson: \d+ errors/);
    await window.openContainer('Pinpoint Audience');
    await window.screenshot('36-restricted');
  });
});
