import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'mocha';
import { openScene, type Scene } from './scene.ts';

describe('the setup, in the window', () => {
  let scene: Scene | undefined;

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await scene?.workbench.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
    await scene?.close();
    scene = undefined;
  });

  after(() => scene?.close());

  it('is OK at first, and a new one is created step by step', async () => {
    scene = await openScene();
    const window = scene.workbench;
    await window.openContainer('Pinpoint Audience');
    await window.view('Audience').row('Sample Project').waitFor();
    await window.runCommand('Pinpoint Audience: Check Setup');
    await window.until('the checks', async () => /OK: \d+$/m.test(await window.editorText()) || undefined);
    await window.page.getByText('Check Again').first().waitFor();
    await window.screenshot('70-set-up');
    assert.doesNotMatch(await window.editorText(), /Problem|Warning|Unknown/);

    await window.runCommand('Pinpoint Audience: Create Setup');
    await window.quickInput.waitFor('Select a setup');
    await window.screenshot('71-which-set-up');
    await window.quickInput.pick('New setup');
    await window.quickInput.waitFor('Project that the roles are for');
    await window.quickInput.pick('Sample Project');
    await window.quickInput.waitFor('Name of a new or existing bucket');
    await window.screenshot('72-bucket-name');
    await window.quickInput.accept();
    await window.quickInput.waitFor('Encryption');
    await window.quickInput.pick('SSE-S3');
    await window.quickInput.waitFor('to read the bucket');
    await window.quickInput.accept();
    await window.quickInput.waitFor('to write to the bucket');
    await window.quickInput.accept();
    await window.quickInput.waitFor('Review the calls in the editor');
    await window.screenshot('73-plan');
    await window.quickInput.pick('Create');
    await window.dialog.waitFor();
    await window.screenshot('74-confirmation');
    await window.clickDialog('Create');
    await window.notification(/Setup created/);
    await window.screenshot('75-created');
    await window.clickNotification('Setup created', 'Save in Settings');
    const settings = join(scene.workspace, '.vscode', 'settings.json');
    await window.until('the saved settings', async () => {
      const text = await readFile(settings, 'utf8').catch(() => '');
      return /PinpointAudienceExport-us-east-1/.test(text) || undefined;
    });

    await window.runCommand('Pinpoint Audience: Create Setup');
    await window.quickInput.waitFor('Select a setup');
    await window.quickInput.pick('Setup in the settings');
    await window.quickInput.waitFor('Project that the roles are for');
    await window.quickInput.pick('Sample Project');
    await window.notification(/The setup is already complete/);
  });

  it('shows its problems, and can be fixed from their lines', async () => {
    scene = await openScene({
      settings: {
        'pinpointAudience.staging.bucket': 'not-there-yet',
        'pinpointAudience.roles.exportArn': 'arn:aws:iam::123456789012:role/Gone',
      },
    });
    const window = scene.workbench;
    await window.openContainer('Pinpoint Audience');
    await window.view('Audience').row('Sample Project').waitFor();
    await window.runCommand('Pinpoint Audience: Check Setup');
    await window.until('the checks', async () => /Problem: 2/.test(await window.editorText()) || undefined);
    await window.page.getByText('Fix…').first().waitFor();
    await window.screenshot('76-broken');
    await window.page.getByText('Fix…').first().click();
    await window.quickInput.waitFor('Review the calls in the editor');
    await window.quickInput.pick('Create');
    await window.dialog.waitFor();
    await window.screenshot('78-fix');
    await window.clickDialog('Create');
    await window.notification(/Setup created/);
    await window.runCommand('Pinpoint Audience: Check Setup');
    await window.until(
      'the fixed setup',
      async () => /^OK: \d+$/m.test(await window.editorText()) || undefined,
    );
  });

  it('can be written as a template without creating anything', async () => {
    scene = await openScene({ settings: { 'pinpointAudience.staging.bucket': 'not-there-yet' } });
    const window = scene.workbench;
    await window.openContainer('Pinpoint Audience');
    await window.view('Audience').row('Sample Project').waitFor();
    await window.runCommand('Pinpoint Audience: Create Setup');
    await window.quickInput.pick('Setup in the settings');
    await window.quickInput.waitFor('Project that the roles are for');
    await window.quickInput.pick('All projects');
    await window.quickInput.waitFor('Review the calls in the editor');
    await window.quickInput.type('CloudFormation');
    await window.quickInput.accept();
    await window.until(
      'the template',
      async () => /AWS::S3::Bucket/.test(await window.editorText()) || undefined,
    );
    await window.screenshot('77-cloudformation');
  });
});
