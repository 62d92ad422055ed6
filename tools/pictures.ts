import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openScene, reportIn, type Scene } from '../test/ui/scene.ts';
import type { Workbench } from '../test/support/workbench.ts';
import { isolateEnvironment } from '../test/support/environment.ts';
import { build } from './build.ts';
import { root } from './paths.ts';

/*
 * Takes the pictures of the walkthrough and the README from a running editor: `node tools/pictures.ts`.
 * Run it again when the screens have changed.
 */

const folder = join(root, 'media', 'pictures');
const size = { width: 960, height: 600 };
/** Larger pictures make pages with several of them slow. */
const mostBytes = 150_000;

const customers = [
  'ChannelType,Address,OptOut,Location.Country,User.UserId',
  'EMAIL,ana@example.com,NONE,PT,customer-001',
  'email,bo@example.com,none,SE,customer-002',
  'EMAIL,carla@example.com,NONE,USA,customer-003',
  'Email,dmitri@example.com,Maybe,DE,customer-004',
  'SMS,+351 912 345 678,NONE,PT,customer-005',
  '',
  'EMAIL,emeka@example,NONE,NG,customer-006',
  'EMAIL,fatima@example.com,all,MAR,customer-007',
  '',
].join('\n');

/** A part of the window. */
interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const [titleBar, statusBar] = [36, 32];
const everything: Region = {
  x: 0,
  y: titleBar,
  width: size.width,
  height: size.height - titleBar - statusBar,
};
const editor: Region = { x: 350, y: titleBar, width: size.width - 350, height: 340 };

const sidebar: Region = { x: 0, y: titleBar, width: 350, height: 350 };
const dialog: Region = { x: 250, y: 96, width: 460, height: 404 };
const overEditor: Region = { ...everything, height: 370 };

interface Picture {
  readonly name: string;
  readonly region: Region;
  readonly show: (window: Workbench) => Promise<void>;
}

/** Pictures in the order in which one window can show them. */
const pictures: readonly Picture[] = [
  {
    name: 'validate',
    region: everything,
    show: async (window) => {
      await window.explorerMenu(['customers.csv'], 'Pinpoint Audience', 'Validate');
      await window.notification(/customers\.csv: \d+ errors/);
      await window.clearNotifications();
      await window.openFile('customers.csv');
      await window.page.locator('.squiggly-error').first().waitFor();
      await window.runCommand('View: Focus Problems');
      await window.page.locator('.markers-panel .monaco-list-row').nth(3).waitFor();
    },
  },
  {
    name: 'fix',
    region: editor,
    show: async (window) => {
      await window.runCommand('View: Hide Panel');
      await window.runCommand('Go to Line/Column');
      await window.quickInput.type(':3:2');
      await window.quickInput.accept();
      await window.openFixes('Select which to fix');
    },
  },
  {
    name: 'hover',
    region: overEditor,
    show: async (window) => {
      await window.page.keyboard.press('Escape');
      const text = 'EMAIL,carla@example.com,NONE,USA,customer-003';
      const line = window.page.locator('.view-line > span > span').filter({ hasText: text }).first();
      const box = (await line.boundingBox())!;
      const x = box.x + (box.width / text.length) * (text.indexOf('USA') + 1.5);
      await window.page.mouse.move(x, box.y + box.height / 2, { steps: 4 });
      await window.page.getByText('Location.Country', { exact: true }).first().waitFor();
    },
  },
  {
    name: 'fixed-copy',
    region: everything,
    show: async (window) => {
      await window.page.keyboard.press('Escape');
      await window.explorerMenu(['customers.csv'], 'Pinpoint Audience', 'Write Fixed Copy…');
      await window.quickInput.row('Unknown OptOut').waitFor();
      await window.quickInput.accept();
      await window.quickInput.waitFor('Name of the copy');
      await window.quickInput.accept();
      await window.clickNotification('Wrote customers.fixed', 'Show Changes');
      await asPage(window);
    },
  },
  {
    name: 'compare',
    region: everything,
    show: async (window) => {
      await window.clearNotifications();
      const files = ['customers.csv', 'customers.fixed.csv'];
      await window.explorerMenu(files, 'Pinpoint Audience', 'Compare Audiences…');
      await window.quickInput.waitFor('How to match records');
      await window.quickInput.pick('Channel and address');
      await asPage(window);
    },
  },
  {
    name: 'report',
    region: everything,
    show: async (window) => {
      await window.runCommand('View: Close All Editors');
      await window.explorerMenu(['crm-export-with-errors.csv'], 'Pinpoint Audience', 'Show Audience Report');
      await reportIn(window).getByRole('heading', { name: 'Attributes' }).waitFor();
      await window.clearNotifications();
    },
  },
  {
    name: 'connect',
    region: sidebar,
    show: async (window) => {
      await window.runCommand('View: Close All Editors');
      await window.openContainer('Pinpoint Audience');
      const audience = window.view('Audience');
      await audience.expand('Sample Project');
      await audience.expand('Segments');
      await audience.row('Customers of the spring campaign').waitFor();
    },
  },
  {
    name: 'import',
    region: dialog,
    show: async (window) => {
      await window.explorerMenu(['good-endpoints.csv'], 'Pinpoint Audience', 'Import…');
      await window.quickInput.waitFor('Project in us-east-1');
      await window.quickInput.pick('Sample Project');
      await window.quickInput.pick('New segment');
      await window.quickInput.waitFor('Name of the new segment');
      await window.quickInput.accept();
      await window.dialog.waitFor();
    },
  },
  {
    name: 'export',
    region: sidebar,
    show: async (window) => {
      await window.clickDialog('Import');
      await window.notification(/import of good-endpoints has completed/, 60_000);
      await window.clearNotifications();
      await window.openContainer('Pinpoint Audience');
      await window
        .view('Jobs')
        .row(/good-endpoints/)
        .waitFor();
    },
  },
];

/** Waits for the page that was just opened. */
async function asPage(window: Workbench): Promise<void> {
  await window.page.locator('.tab.active[data-resource-name$=".txt"]').waitFor();
}

async function take(scene: Scene): Promise<void> {
  const { workbench: window, workspace } = scene;
  await writeFile(join(workspace, 'customers.csv'), customers);
  await window.explorerItem('customers.csv').waitFor();
  // The light theme is readable on light and dark pages.
  await window.setTheme('light');
  await window.page.setViewportSize(size);
  for (const { name, region, show } of pictures) {
    try {
      await show(window);
    } catch (error) {
      await window.screenshot(`failed-picture-${name}`);
      throw error;
    }
    // No animation, and no pointer over anything by accident.
    if (name !== 'hover') await window.page.mouse.move(size.width - 5, size.height / 2);
    await window.page.waitForTimeout(600);
    const path = join(folder, `${name}.png`);
    await window.page.screenshot({ path, clip: region, caret: 'hide' });
    const bytes = (await stat(path)).size;
    if (bytes > mostBytes) throw new Error(`${path} has ${bytes} bytes, ${mostBytes} at most`);
  }
}

isolateEnvironment();
await build();
await mkdir(folder, { recursive: true });
const scene = await openScene({
  settings: {
    'files.autoSave': 'off',
    'editor.minimap.enabled': false,
    'workbench.layoutControl.enabled': false,
    'window.commandCenter': false,
  },
});
try {
  await take(scene);
} finally {
  await scene.close();
}
