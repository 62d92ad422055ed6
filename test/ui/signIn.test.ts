import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Workbench } from '../support/workbench.ts';
import { openScene, rush, standstill, type Scene } from './scene.ts';

const jobLimit = 90_000;

describe('credentials that expire while a job runs, in the window', () => {
  let scene: Scene;
  let window: Workbench;

  before(async () => {
    scene = await openScene({ profile: 'marketing' });
    window = scene.workbench;
  });

  afterEach(async function () {
    await scene.setFaults({});
    if (this.currentTest?.state === 'failed')
      await window.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
  });

  after(() => scene.close());

  /** Begins an import, and lets its credentials expire once the job runs. */
  async function expireDuring(name: string): Promise<void> {
    await scene.setFaults(standstill);
    await window.explorerMenu(['good-endpoints.csv'], 'Pinpoint Audience', 'Import…');
    await window.quickInput.waitFor('project');
    await window.quickInput.pick('Sample Project');
    await window.quickInput.pick('New segment');
    await window.quickInput.waitFor('Name of the new segment');
    await window.quickInput.type(name);
    await window.quickInput.accept();
    await window.dialog.waitFor();
    await window.clickDialog(/^Import/);
    await window.openContainer('Pinpoint Audience');
    await window
      .view('Jobs')
      .row(new RegExp(`${name}.*importing`))
      .waitFor();
    const fault = { kind: 'expired-credentials' } as const;
    await scene.setFaults({ ...standstill, rules: [{ count: null, fault }] });
    await window.notification(/sign in with profile marketing/, jobLimit);
  }

  const banners = async (): Promise<number> =>
    (await window.notifications()).filter((text) => text.includes('sign in with profile')).length;

  it('are shown once in every view, and the job continues after Sign In', async () => {
    await window.openContainer('Pinpoint Audience');
    await window.view('Audience').row('Sample Project').waitFor();
    await window.statusItem('marketing · us-east-1').waitFor();
    await expireDuring('Before the renewal');
    await window.statusItem('marketing · sign in').waitFor();
    const audience = window.view('Audience');
    await audience.pane.getByText('Signed out. Jobs resume after you sign in.').waitFor();
    // More requests that are refused.
    await audience.pane.hover();
    await audience.pane.getByRole('button', { name: 'Refresh' }).first().click();
    await audience.row('Sign-in needed').waitFor();
    assert.equal(await banners(), 1);
    await window.screenshot('80-sign-in-needed');

    await scene.setFaults(rush);
    await window.clickNotification(/sign in with profile marketing/, 'Sign In');
    await window.statusItem('marketing · us-east-1').waitFor();
    await window.notification('The import of Before the renewal has completed: 40 processed.', jobLimit);
    await audience.row('Sample Project').waitFor();
    await window.screenshot('81-signed-in');
    await window.clearNotifications();
  });

  it('are picked up if another program renews them', async () => {
    await expireDuring('Renewed elsewhere');
    await window.statusItem('marketing · sign in').waitFor();
    await scene.setFaults(rush);
    await scene.renewKeys();
    await window.statusItem('marketing · us-east-1').waitFor();
    await window.notification('The import of Renewed elsewhere has completed: 40 processed.', jobLimit);
    await window.screenshot('82-renewed-elsewhere');
  });

  it('follow changed settings on request', async () => {
    const folder = join(scene.workspace, '.vscode');
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, 'settings.json'),
      JSON.stringify({ 'pinpointAudience.connection.region': 'eu-west-1' }),
    );
    await window.clickNotification(/connection settings have changed/, 'Connect');
    await window.statusItem('marketing · eu-west-1').waitFor();
  });
});
