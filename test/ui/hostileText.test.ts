import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import type { Workbench } from '../support/workbench.ts';
import { inertInDocument } from '../../src/host/inertText.ts';
import { openScene, reportIn, type Scene } from './scene.ts';

/** What somebody may plant in a text, and a part of it as it has to be seen. */
interface Input {
  readonly planted: string;
  readonly seen: RegExp;
}

/** What a file name can hold: no slash. */
const inNames: Readonly<Record<string, Input>> = {
  'a command link': {
    planted: '[2 more](command:pinpointAudience.showLog)',
    seen: /\[2 more\] ?\(command:pinpointAudience\.showLog\)/,
  },
  'a file link': { planted: '[open](file:a.csv)', seen: /\[open\] ?\(file:a\.csv\)/ },
  'an icon': { planted: '$(error)', seen: /\$ ?\(error\)/ },
  markup: { planted: '<b>bold<img src=x> **b**', seen: /<b>bold<img src=x> \*\*b\*\*/ },
  'bidirectional text': { planted: '\u202egpj.', seen: /\\u202egpj\./ },
  'control characters': { planted: '\u001b[31m\u0007', seen: /\\u001b\[31m\\u0007/ },
  'characters without ink': { planted: 'z\u3164\u2060w', seen: /z\\u3164\\u2060w/ },
  'stacked marks': { planted: `a${'\u0301'.repeat(6)}`, seen: /a\u0301{5}\\u0301/ },
  'a line break': { planted: 'q\nForged: yes', seen: /q Forged: yes/ },
};

const inTexts: typeof inNames = {
  ...inNames,
  'a web link': { planted: '[sign in](https://evil.example/a)', seen: /\[sign in\] \(https: ?\/\/evil/ },
  'an image': { planted: '![p](https://evil.example/p.png)', seen: /!\[p\] \(https: ?\/\/evil/ },
  'bare addresses': {
    planted: 'https://evil.example/b file:///etc/hosts',
    seen: /https: ?\/\/evil\.example\/b file: ?\/\/\/etc/,
  },
};

const plant = (inputs: typeof inNames): string =>
  Object.values(inputs)
    .map(({ planted }) => planted)
    .join(' ');

const without = (inputs: typeof inNames, ...names: readonly string[]): typeof inNames =>
  Object.fromEntries(Object.entries(inputs).filter(([name]) => !names.includes(name)));

/** In names of columns a line break or a tab is a fault of the file, and the service keeps no controls. */
const inColumns = without(inTexts, 'a line break', 'control characters');
const inSegments = inColumns;

/** What the name of the opened folder can hold without VS Code's own parts, which show it as it is, getting in the way of the test. */
const inFolders = {
  'a command link': inNames['a command link']!,
  'an icon': inNames['an icon']!,
  'bidirectional text': inNames['bidirectional text']!,
  'characters without ink': inNames['characters without ink']!,
};
const folderName = `Folder ${plant(inFolders)}`;
const mirrorFolder = `Sources ${plant(inFolders)}`;

/** Names of profiles have no line break, and the SDK takes what is behind a space and # or ; for a comment. */
const inProfiles = without(inTexts, 'a line break', 'control characters');

const fileName = `customers ${plant(inNames)}.csv`;
const text = plant(inTexts);

/** One column or cell for each input: names and values are cut where they are listed. */
const columns = Object.values(inColumns).map(({ planted }) => planted);

/** Names of objects in S3 have slashes as folders, so that a part of a text is a name there. */
const objectName = `${plant(without(inNames, 'a line break', 'control characters'))}.csv`;

/** What a part of the window has besides text. */
interface Found {
  readonly text: string;
  readonly links: readonly string[];
  readonly markup: number;
}

interface ElementLike {
  readonly textContent: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<ElementLike>;
}

async function look(place: Locator): Promise<Found> {
  return place.evaluate((element: ElementLike) => ({
    text: element.textContent.replaceAll('\u00a0', ' '),
    // Links of documents have no element of their own but a decoration.
    links: [...element.querySelectorAll('a[href], a[data-href], .monaco-link, .detected-link')].map(
      (link) =>
        `${link.textContent.replaceAll('\u00a0', ' ')} → ${link.getAttribute('data-href') ?? link.getAttribute('href') ?? ''}`,
    ),
    markup: [...element.querySelectorAll('img, b, strong:not(h1 *), .codicon-error')].length,
  }));
}

/** A place of the window, and how it comes to show a foreign text. */
interface Place {
  readonly name: string;
  readonly inputs: typeof inNames;
  /** Shows it; resolves with the part of the window that holds the text. */
  readonly show: (window: Workbench, scene: Scene) => Promise<Locator>;
  /** Links of ours that the place has besides. */
  readonly own?: (link: string) => boolean;
  /** Markup of ours: an icon of severity, a heading. */
  readonly ownMarkup?: number;
  readonly done?: (window: Workbench) => Promise<void>;
}

const escape = async (window: Workbench): Promise<void> => {
  await window.page.keyboard.press('Escape');
};

const page = (window: Workbench): Locator =>
  window.page.locator('.editor-group-container.active .view-lines').first();

/** Our own links: to files and lines by their names, and to pages. VS Code draws a link in several pieces. */
function isOwnLink(link: string): boolean {
  const shown = link.replace(/ → $/, '');
  const own = ['a.csv', 'b.csv', 'columns.csv', 'columns.ndjson', inertInDocument(fileName)];
  return /^\d+$/.test(shown) || own.some((name) => name.includes(shown)) || isOurPage(shown);
}

/** Pages of AWS, and the service URL. */
function isOurPage(shown: string): boolean {
  return /^(https:\/\/docs\.aws\.amazon\.com\/|http:\/\/127\.0\.0\.1:\d+$|[\w/-]+\.html$)/.test(shown);
}

const closeAll = (window: Workbench): Promise<void> => window.runCommand('View: Close All Editors');

async function hover(window: Workbench, over: Locator, part: RegExp): Promise<Locator> {
  const shown = window.page.locator('.monaco-hover:visible').filter({ hasText: part }).first();
  await window.until('the hover', async () => {
    await window.page.mouse.move(640, 700);
    await over.hover();
    return shown.waitFor({ timeout: 4000 }).then(
      () => true as const,
      () => undefined,
    );
  });
  return shown;
}

async function fileMenu(window: Workbench, label: string, name = 'customers'): Promise<void> {
  await window.openContainer('Explorer');
  const row = window.page
    .locator('.explorer-folders-view .monaco-list-row')
    .filter({ hasText: `${name} [2 more]` });
  await row.first().click({ button: 'right' });
  await window.followMenu(['Pinpoint Audience', label]);
}

/** The text of a task's terminal, which tasks share: `end` is what only this one writes there at its end. */
async function terminalOf(window: Workbench, task: string, end: string): Promise<Locator> {
  await window.runCommand('Tasks: Run Task');
  await window.quickInput.pick(task);
  const rows = window.page.locator('.terminal-wrapper.active .xterm-rows').last();
  await rows.getByText(end).first().waitFor();
  await window.screenshot(`hostile-17-terminal-${task.replaceAll(' ', '-')}`);
  return rows;
}

const places: readonly Place[] = [
  {
    name: 'the notification after a check: a file name',
    inputs: inNames,
    show: async (window) => {
      await fileMenu(window, 'Validate');
      const shown = await window.notification(/customers \[2 more\]/);
      await window.screenshot('hostile-1-notification');
      return shown.locator('.notification-list-item-message');
    },
  },
  {
    name: 'Problems: column names',
    inputs: inColumns,
    ownMarkup: columns.length,
    own: (link) => link.startsWith('csv-header-unknown'),
    show: async (window) => {
      await window.explorerMenu(['columns.csv'], 'Pinpoint Audience', 'Validate');
      await window.runCommand('View: Focus Problems');
      await window.runCommand('View: Toggle Maximized Panel');
      const rows = window.page.locator('.markers-panel .monaco-list-rows');
      await rows.getByText('sign in').first().waitFor();
      await window.screenshot('hostile-2-problems');
      return rows;
    },
    done: (window) => window.runCommand('View: Toggle Maximized Panel'),
  },
  {
    name: 'the hover on a column: its name, and the finding',
    inputs: { 'an image': inTexts['an image']! },
    // VS Code follows addresses in the text of any file by itself.
    own: (link) => /^(csv-|View Problem|Quick Fix|Fix|Follow link)/.test(link),
    show: async (window) => {
      await window.clearNotifications();
      await window.openFile('columns.csv');
      await window.runCommand('View: Toggle Word Wrap');
      const header = page(window).getByText('evil.example/p.png').first();
      const shown = await hover(window, header, /!\[p\]/);
      await window.screenshot('hostile-2-hover');
      return shown;
    },
    done: closeAll,
  },
  {
    name: 'the question of a bulk update: a file name and a project',
    inputs: inTexts,
    show: async (window) => {
      await window.clearNotifications();
      await fileMenu(window, 'Update Endpoints Directly…');
      await window.quickInput.pick('Project [2 more]');
      await window.dialog.waitFor();
      await window.screenshot('hostile-3-question');
      return window.dialog.locator('.dialog-message-container');
    },
    done: (window) => window.clickDialog('Cancel'),
  },
  {
    name: 'the error of a bulk update: a file name',
    inputs: inNames,
    show: async (window) => {
      await fileMenu(window, 'Update Endpoints Directly…', 'nothing');
      await window.quickInput.pick('Sample Project');
      const shown = await window.notification(/nothing \[2 more\]/);
      await window.screenshot('hostile-3-error');
      return shown.locator('.notification-list-item-message');
    },
    done: (window) => window.clearNotifications(),
  },
  {
    name: 'the log: a file name',
    inputs: inNames,
    show: async (window) => {
      await window.runCommand('Pinpoint Audience: Show Log');
      const log = window.page.locator('.panel .view-lines').first();
      await log.getByText('[2 more]').first().waitFor();
      await window.screenshot('hostile-4-log');
      return log;
    },
    done: (window) => window.runCommand('View: Toggle Panel Visibility'),
  },
  {
    name: 'the audience report: a file name and column names',
    inputs: inNames,
    show: async (window) => {
      await fileMenu(window, 'Show Audience Report');
      const heading = reportIn(window).locator('main');
      await heading.getByText('[2 more]').first().waitFor();
      await window.screenshot('hostile-5-report');
      return heading.locator('h1');
    },
    done: closeAll,
  },
  {
    name: 'the exported report: column names',
    inputs: {
      'a command link': {
        planted: '',
        seen: /## Attributes\.\\\[2 more\\\]\\\(command:pinpointAudience\.showLog\)/,
      },
      'a web link': { planted: '', seen: /## Attributes\.\\\[sign in\\\]\\\(https: \/\/evil/ },
    },
    // Links and markup of Markdown would be decorated as such.
    show: async (window) => {
      await window.explorerMenu(['report.csv'], 'Pinpoint Audience', 'Show Audience Report');
      await reportIn(window).getByRole('button', { name: 'Export as Markdown…' }).click();
      await window.quickInput.box.waitFor();
      await window.quickInput.accept();
      await page(window).getByText('Audience report').first().waitFor();
      await window.runCommand('View: Toggle Word Wrap');
      await page(window).getByText('sign in').first().waitFor();
      await window.screenshot('hostile-19-exported');
      return page(window);
    },
    done: closeAll,
  },
  {
    name: 'a quick pick: a project',
    inputs: inTexts,
    show: async (window) => {
      await window.runCommand('Pinpoint Audience: Open User…');
      await window.quickInput.row('Project [2 more]').waitFor();
      await window.screenshot('hostile-6-quick-pick');
      return window.quickInput.box
        .locator('.quick-input-list .monaco-list-row')
        .filter({ hasText: '[2 more]' });
    },
  },
  {
    name: 'an input box: a project',
    inputs: inTexts,
    show: async (window) => {
      await window.quickInput.pick('Project [2 more]');
      await window.quickInput.waitFor('User Id in');
      return window.quickInput.box.locator('.quick-input-message');
    },
    done: escape,
  },
  {
    name: 'the question before an import: project, segment and file',
    inputs: inTexts,
    show: async (window) => {
      await fileMenu(window, 'Import…');
      await window.quickInput.pick('Project [2 more]');
      await window.quickInput.pick('New segment');
      await window.quickInput.waitFor('Name of the new segment');
      await window.quickInput.type(`Segment ${text.replaceAll('\n', ' ')}`);
      await window.quickInput.accept();
      await window.dialog.waitFor();
      await window.screenshot('hostile-7-dialog');
      return window.dialog.locator('.dialog-message-container');
    },
  },
  {
    name: 'progress in a notification: a file name',
    inputs: inNames,
    show: async (window, scene) => {
      await scene.setFaults({
        rules: [{ service: 's3', method: 'PUT', fault: { kind: 'slow', delayMs: 8000 } }],
      });
      await window.clickDialog(/^Import/);
      const shown = await window.notification(/^(?=.*customers \[2 more\]).*/s);
      await window.screenshot('hostile-8-progress');
      return shown.locator('.notification-list-item-message');
    },
  },
  {
    name: 'the notification at the end of an import: a segment',
    inputs: inSegments,
    show: async (window, scene) => {
      await scene.setFaults({});
      const shown = await window.notification(
        /The import of Segment \[2 more\]|Segment \[2 more\].*processed/,
        60_000,
      );
      await window.screenshot('hostile-10-end');
      return shown.locator('.notification-list-item-message');
    },
  },
  {
    name: 'Jobs: a segment',
    inputs: inSegments,
    show: async (window) => {
      await window.openContainer('Pinpoint Audience');
      const row = window.view('Jobs').row(/Segment \[2 more\]/);
      await row.waitFor();
      return row.locator('.monaco-icon-label');
    },
  },
  {
    name: 'the tooltip of a job: segment, project and file',
    inputs: inTexts,
    ownMarkup: 1,
    show: async (window) => {
      const shown = await hover(window, window.view('Jobs').row(/Segment \[2 more\]/), /Segment \[2 more\]/);
      await window.screenshot('hostile-9-tooltip');
      return shown;
    },
  },
  {
    name: 'the page of a job: segment, project and file',
    inputs: inTexts,
    own: isOwnLink,
    show: async (window) => {
      await window.clearNotifications();
      await window
        .view('Jobs')
        .row(/Segment \[2 more\]/)
        .click();
      await page(window).getByText('Timeline').first().waitFor();
      await window.screenshot('hostile-11-job-page');
      return page(window);
    },
  },
  {
    name: 'the tab of that page: a segment',
    inputs: { 'a command link': inNames['a command link']! },
    show: (window) => Promise.resolve(window.page.locator('.tabs-container .tab.active .monaco-icon-label')),
    done: closeAll,
  },
  {
    name: "the error of an import: the service's text",
    inputs: { 'a command link': inNames['a command link']! },
    show: async (window) => {
      await window.explorerMenu(['columns.csv'], 'Pinpoint Audience', 'Import…');
      await window.quickInput.pick('Sample Project');
      await window.quickInput.pick('New segment');
      await window.quickInput.waitFor('Name of the new segment');
      await window.quickInput.type('Columns');
      await window.quickInput.accept();
      await window.clickDialog('Import Anyway');
      const shown = await window.notification(/Could not start the import/);
      await window.screenshot('hostile-18-service');
      return shown.locator('.notification-list-item-message');
    },
    done: (window) => window.clearNotifications(),
  },
  {
    name: 'Audience: a project',
    inputs: inTexts,
    show: async (window) => {
      await window.openContainer('Pinpoint Audience');
      const row = window.view('Audience').row(/Project \[2 more\]/);
      await row.waitFor();
      await window.screenshot('hostile-12-tree');
      return row.locator('.monaco-icon-label');
    },
  },
  {
    name: 'Audience: a segment',
    inputs: inTexts,
    show: async (window) => {
      const view = window.view('Audience');
      await view.expand(/Project \[2 more\]/);
      await view.expand('Segments');
      const row = view.row(/Planted \[2 more\]/);
      await row.waitFor();
      return row.locator('.monaco-icon-label');
    },
  },
  {
    name: 'the tooltip of a segment',
    inputs: inTexts,
    ownMarkup: 1,
    show: (window) => hover(window, window.view('Audience').row(/Planted \[2 more\]/), /Planted \[2 more\]/),
  },
  {
    name: 'an object in S3',
    inputs: without(inNames, 'a line break', 'control characters'),
    show: async (window) => {
      const view = window.view('Audience');
      await view
        .row(/Project \[2 more\]/)
        .locator('.monaco-tl-twistie')
        .click();
      await view.expand(/staging bucket/);
      await view.expand(/^planted/);
      const row = view.row(/\[2 more\].*\.csv/);
      await row.waitFor();
      await window.screenshot('hostile-13-object');
      return row.locator('.monaco-icon-label');
    },
  },
  {
    name: 'a comparison: cells',
    inputs: inSegments,
    own: isOwnLink,
    show: async (window) => {
      await window.openContainer('Explorer');
      await window.explorerMenu(['a.csv', 'b.csv'], 'Pinpoint Audience', 'Compare Audiences…');
      await window.quickInput.pick('Id');
      await page(window).getByText('Comparison of endpoint files').first().waitFor();
      await window.screenshot('hostile-14-comparison');
      return page(window);
    },
    done: closeAll,
  },
  {
    name: 'what a conversion changed: column names',
    inputs: inColumns,
    own: isOwnLink,
    show: async (window) => {
      await window.clearNotifications();
      await window.explorerMenu(['columns.csv'], 'Pinpoint Audience', 'Convert to CSV or NDJSON');
      await window.clickNotification('Wrote', 'Show Changes');
      await page(window).getByText('Conversion').first().waitFor();
      await window.screenshot('hostile-15-conversion');
      return page(window);
    },
    done: closeAll,
  },
  {
    name: 'Mirrors: a name',
    inputs: inTexts,
    show: async (window) => {
      await window.clearNotifications();
      await window.openContainer('Pinpoint Audience');
      const row = window.view('Mirrors').row(/Mirror \[2 more\]/);
      await row.waitFor();
      return row.locator('.monaco-icon-label');
    },
  },
  {
    name: 'the tooltip of a mirror: its folder',
    inputs: { ...inFolders, 'a web link': inTexts['a web link']! },
    ownMarkup: 1,
    show: async (window) => {
      const shown = await hover(window, window.view('Mirrors').row(/^Of a folder/), /Sources \[2 more\]/);
      await window.screenshot('hostile-20-mirror-folder');
      return shown;
    },
  },
  {
    name: 'the preview of a mirror: mirror, segment and project',
    inputs: inTexts,
    own: isOwnLink,
    show: async (window) => {
      await window.view('Mirrors').menu(/Mirror \[2 more\]/, 'Preview Mirror Changes…');
      await page(window).getByText('Mirror [2 more]').first().waitFor();
      await window.screenshot('hostile-16-mirror');
      return page(window);
    },
    done: closeAll,
  },
  {
    name: 'a quick pick: a profile',
    inputs: inProfiles,
    show: async (window) => {
      await window.clearNotifications();
      await window.runCommand('Pinpoint Audience: Connect…');
      const row = window.quickInput.row('Profile [2 more]');
      await row.waitFor();
      await window.screenshot('hostile-21-profile');
      return row;
    },
    done: escape,
  },
  {
    name: 'the folder to download to: the workspace folder',
    inputs: inFolders,
    show: async (window) => {
      await window.openContainer('Pinpoint Audience');
      await window.view('Audience').menu(/^Sample Project/, 'Export Project…');
      await window.dialog.waitFor();
      await window.clickDialog('Export');
      await window.clickNotification('The export of Sample Project has completed', 'Download…', 60_000);
      await window.quickInput.waitFor('Folder to download to');
      await window.screenshot('hostile-22-folder');
      return window.quickInput.box
        .locator('.quick-input-list .monaco-list-row')
        .filter({ hasText: 'Folder [2 more]' });
    },
  },
  {
    name: 'the notification after a download',
    inputs: {},
    show: async (window) => {
      await window.quickInput.accept();
      const shown = await window.notification('Downloaded to');
      await window.screenshot('hostile-23-downloaded');
      return shown.locator('.notification-list-item-message');
    },
    done: closeAll,
  },
  {
    name: 'the terminal of a task: a file name',
    inputs: inNames,
    show: (window) => terminalOf(window, 'Validate a file name', 'Terminal will be reused'),
  },
  {
    name: 'the terminal of a task: column names',
    // The last that it wrote.
    inputs: { 'an image': inTexts['an image']!, 'bare addresses': inTexts['bare addresses']! },
    show: (window) => terminalOf(window, 'Validate columns', 'exit code'),
  },
];

const tried = places.reduce((sum, { inputs }) => sum + Object.keys(inputs).length, 0);

describe(`hostile text, in ${places.length} places of the window (${tried} places × inputs)`, () => {
  let scene: Scene;
  let window: Workbench;
  let credentials: string;

  before(async () => {
    const header = `Id,ChannelType,Address,${columns.map((_, index) => `Attributes.c${index}`).join(',')}\n`;
    const row = (cells: readonly string[]): string => `1,EMAIL,ada@example.com,${cells.join(',')}\n`;
    credentials = await mkdtemp(join(tmpdir(), 'pinpoint-audience-profiles-'));
    const file = join(credentials, 'credentials');
    await writeFile(
      file,
      `[Profile ${plant(inProfiles)}]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n`,
    );
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = file;
    scene = await openScene({
      folderName,
      settings: {
        'terminal.integrated.gpuAcceleration': 'off',
        'task.allowAutomaticTasks': 'off',
        // So that pages show all of their lines.
        'editor.fontSize': 9,
        'editor.lineHeight': 12,
      },
      files: {
        [fileName]: 'Id,ChannelType,Address\n1,EMAIL,ada@example.com\n',
        [`nothing ${plant(inNames)}.csv`]: 'ChannelType,Address\nEMAIL,ada@example.com\n',
        'columns.csv': `ChannelType,Address,${columns.join(',')}\nEMAIL,ada@example.com${',x'.repeat(columns.length)}\n`,
        [`${mirrorFolder}/a.csv`]: header + row(columns.map(() => 'before')),
        // Values that five records share are shown, below a heading with the name.
        'report.csv': `ChannelType,Address,${columns.map((name) => `Attributes.${name}`).join(',')}\n${`EMAIL,ada@example.com${',x'.repeat(columns.length)}\n`.repeat(6)}`,
        'a.csv': header + row(columns.map(() => 'before')),
        'b.csv': header + row(columns),
        'pinpoint-audience.json': JSON.stringify({
          mirrors: [
            {
              name: `Mirror ${text}`,
              source: 'a.csv',
              project: `Project ${text}`,
              segment: `Mirrored ${text}`,
              identifier: 'Id',
            },
            {
              name: 'Of a folder',
              source: `${mirrorFolder}/a.csv`,
              project: `Project ${text}`,
              segment: 'Of a folder',
              identifier: 'Id',
            },
          ],
        }),
        '.vscode/tasks.json': JSON.stringify({
          version: '2.0.0',
          tasks: [
            {
              label: 'Validate a file name',
              type: 'pinpointAudience',
              action: 'validate',
              files: [fileName],
            },
            {
              label: 'Validate columns',
              type: 'pinpointAudience',
              action: 'validate',
              files: ['columns.csv'],
            },
          ],
        }),
      },
    });
    window = scene.workbench;
    const created = await scene.send({
      service: 'mobiletargeting',
      method: 'POST',
      path: '/v1/apps',
      body: JSON.stringify({ Name: `Project ${text}` }),
    });
    const { Id } = JSON.parse(created) as { readonly Id: string };
    await scene.send({
      service: 'mobiletargeting',
      method: 'POST',
      path: `/v1/apps/${Id}/segments`,
      body: JSON.stringify({ Name: `Planted ${text}`, Dimensions: {} }),
    });
    await scene.send({
      service: 's3',
      method: 'PUT',
      path: `/pinpoint-audience-sample/planted/${encodeURIComponent(objectName).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)}`,
      body: 'Id\n1\n',
    });
    await window.openContainer('Pinpoint Audience');
    await window.statusItem('sandbox · us-east-1').waitFor();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await window.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
  });

  after(async () => {
    delete process.env['AWS_SHARED_CREDENTIALS_FILE'];
    await scene.close();
    await rm(credentials, { recursive: true });
  });

  for (const { name, inputs, show, own, ownMarkup = 0, done } of places) {
    it(`is text in ${name}`, async () => {
      const found = await look(await show(window, scene));
      for (const [input, { seen }] of Object.entries(inputs)) assert.match(found.text, seen, input);
      assert.doesNotMatch(
        found.text,
        /(?![\n\t\u200b-\u200d\ufe0f])[\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]|\u0301{6}/u,
        'every character can be seen',
      );
      assert.deepEqual(
        found.links.filter((link) => own?.(link) !== true),
        [],
        'links',
      );
      assert.equal(found.markup, ownMarkup, 'pictures, icons and markup');
      await done?.(window);
    });
  }
});
