import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { root } from '../../tools/paths.ts';
import {
  ensureVscode,
  startVscode,
  type VscodeEdition,
  type VscodeServer,
} from '../../tools/vscodeServer.ts';
import { launchChromium } from './chromium.ts';
import { extensionHosts, seeOut } from './extensionHosts.ts';
import { attributes, oneLine } from './locators.ts';
import { QuickInput } from './quickInput.ts';
import { TreeView } from './treeView.ts';

export interface WorkbenchOptions {
  /** The folder to open. */
  readonly folder: string;
  /** The folder of the extension to have installed; `false`: only what `dataDir` holds. Default: this project. */
  readonly extension?: string | false | undefined;
  readonly edition?: VscodeEdition | undefined;
  /** Opens the folder in Restricted Mode. */
  readonly restricted?: boolean | undefined;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Settings whose scope is the machine. */
  readonly machineSettings?: Readonly<Record<string, unknown>> | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Where the server keeps its data; what is there already (such as an installed extension) stays. Default: a new folder. */
  readonly dataDir?: string | undefined;
}

type Theme = 'dark' | 'light' | 'high-contrast';

/** By their labels in the list of themes, which every supported VS Code has. */
const themes = {
  dark: { label: 'Dark Modern', className: 'vs-dark' },
  light: { label: 'Light Modern', className: 'vs' },
  'high-contrast': { label: 'Dark High Contrast', className: 'hc-black' },
} as const;

/** The longest that anything in the window may take, in milliseconds; a step that takes long by nature says its own limit. */
const patience = 60_000;

/** A VS Code window with the extension in it, driven as a user drives it. */
export class Workbench {
  #page: Page;
  #quickInput: QuickInput;
  /** What the window's console told, the extension host's part included: the last place to look when a test fails. */
  readonly console: string[] = [];
  readonly #browser: Browser;
  readonly #server: VscodeServer;
  readonly #dataDir: string;

  private constructor(page: Page, browser: Browser, server: VscodeServer, dataDir: string) {
    this.#page = page;
    this.#quickInput = new QuickInput(page);
    this.#browser = browser;
    this.#server = server;
    this.#dataDir = dataDir;
    this.#listen();
  }

  #listen(): void {
    this.#page.on('console', (message) => this.console.push(`[${message.type()}] ${message.text()}`));
  }

  get page(): Page {
    return this.#page;
  }

  get quickInput(): QuickInput {
    return this.#quickInput;
  }

  static async open(options: WorkbenchOptions): Promise<Workbench> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'pinpoint-audience-window-')));
    const trust = options.restricted
      ? { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' }
      : {};
    const server = await startVscode(await ensureVscode(options.edition), {
      dataDir,
      env: options.env,
      machineSettings: options.machineSettings,
      extension: options.extension === false ? undefined : (options.extension ?? root),
      settings: {
        'workbench.colorTheme': 'Default Dark Modern',
        'workbench.reduceMotion': 'on',
        // What is opened by a click would be selected a moment later, alone, whatever was selected meanwhile.
        'explorer.autoReveal': false,
        ...trust,
        ...options.settings,
      },
    });
    let browser: Browser | undefined;
    try {
      browser = await launchChromium();
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      const page = await context.newPage();
      page.setDefaultTimeout(patience);
      const workbench = new Workbench(page, browser, server, dataDir);
      await page.goto(server.url(options.folder));
      await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
      // What extensions contribute comes a little later than the window.
      await page
        .locator('.activitybar [aria-label^="Pinpoint Audience"]')
        .first()
        .waitFor({ state: 'attached' });
      return workbench;
    } catch (error) {
      await browser?.close();
      await server.stop();
      throw error;
    }
  }

  /** Ends the window and everything behind it. */
  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.stop();
    await rm(this.#dataDir, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Closes the window and opens it again, as "Developer: Reload Window" does: the extension host is another. */
  async reload(): Promise<void> {
    const hosts = await extensionHosts(this.#dataDir);
    await this.page.reload();
    await seeOut(hosts);
    await this.#isBack();
  }

  /** Closes the window and opens it again once `work` is done. */
  async closedDuring(work: () => Promise<void>): Promise<void> {
    const hosts = await extensionHosts(this.#dataDir);
    const url = this.page.url();
    await this.page.goto('about:blank');
    await seeOut(hosts);
    await work();
    await this.page.goto(url);
    await this.#isBack();
  }

  /** Breaks the window away without a goodbye, as a browser that crashes, and opens another. The server keeps its extension host for its return. */
  async crash(): Promise<void> {
    const url = this.page.url();
    const context = this.page.context();
    await Promise.all([
      this.page.waitForEvent('crash'),
      this.page.goto('chrome://crash').catch(() => undefined),
    ]);
    await this.page.close();
    this.#page = await context.newPage();
    this.#quickInput = new QuickInput(this.#page);
    this.#listen();
    this.page.setDefaultTimeout(patience);
    await this.page.goto(url);
    await this.#isBack();
  }

  async #isBack(): Promise<void> {
    // The view that was open comes back by itself; whoever clicks on its tab before then would close it.
    await this.page.locator('.sidebar .composite.title h2').first().waitFor({ timeout: 60_000 });
    await this.page
      .locator('.activitybar [aria-label^="Pinpoint Audience"]')
      .first()
      .waitFor({ state: 'attached' });
  }

  /** Saves what the window shows now to test/ui/screenshots/<name>.png. */
  async screenshot(name: string): Promise<void> {
    const folder = join(root, 'test', 'ui', 'screenshots');
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  async setTheme(theme: Theme): Promise<void> {
    const { label, className } = themes[theme];
    await this.runCommand('Preferences: Color Theme');
    await this.quickInput.waitFor('Select Color Theme');
    await this.quickInput.type(label);
    await this.quickInput.pick(label);
    await this.page.locator(`.monaco-workbench.${className}`).waitFor();
  }

  /** Runs a command by its title in the palette, such as "View: Focus Problems". */
  async runCommand(title: string): Promise<void> {
    await this.until(`the palette to offer ${title}`, async () =>
      (await this.#searchPalette(title)) ? true : undefined,
    );
    await this.quickInput.pick(title);
  }

  /** True where the palette offers a command. */
  async offersCommand(title: string): Promise<boolean> {
    const offered = await this.#searchPalette(title);
    await this.page.keyboard.press('Escape');
    return offered;
  }

  /** Opens the palette anew, since what it offers is settled when it opens. Resolves with whether it offers a command. */
  async #searchPalette(title: string): Promise<boolean> {
    await this.page.keyboard.press('Escape');
    await this.page.keyboard.press('F1');
    // A palette that closed again, as while a theme is applied, is opened anew by who asked.
    const isOpen = await this.quickInput.type(`>${title}`, { timeout: 2000 }).then(
      () => true,
      () => false,
    );
    if (!isOpen) return false;
    // The palette has no sign for "that is all"; it answers in a fraction of this.
    return this.quickInput
      .row(title)
      .waitFor({ timeout: 2000 })
      .then(
        () => true,
        () => false,
      );
  }

  /** Opens a file of the folder by its name. */
  async openFile(name: string): Promise<void> {
    await this.openContainer('Explorer');
    await this.explorerItem(name).dblclick();
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
  }

  explorerItem(name: string): Locator {
    return this.page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`);
  }

  /** Selects files in the Explorer and right-clicks on the last. */
  async openMenu(names: readonly string[]): Promise<void> {
    await this.openContainer('Explorer');
    await this.until(`just ${names.join(' and ')} to be selected`, () => this.#select(names));
    await this.explorerItem(names.at(-1)!).click({ button: 'right' });
  }

  /** A list that changes in the moment of a click gives it to another row; `undefined` then, to be tried again. */
  async #select(names: readonly string[]): Promise<true | undefined> {
    for (const [index, name] of names.entries())
      await this.explorerItem(name).click(index === 0 ? {} : { modifiers: ['ControlOrMeta'] });
    const selected = this.page.locator('.explorer-folders-view .monaco-list-row.selected');
    const wanted = names.map((name) => this.explorerItem(name).and(selected).waitFor({ timeout: 2000 }));
    const areSelected = (await Promise.allSettled(wanted)).every(({ status }) => status === 'fulfilled');
    return areSelected && (await selected.count()) === names.length ? true : undefined;
  }

  /** Selects files in the Explorer, right-clicks on the last, and follows menu items by their labels. */
  async explorerMenu(names: readonly string[], ...labels: readonly string[]): Promise<void> {
    await this.openMenu(names);
    await this.followMenu(labels);
  }

  /** Follows the open menu through its submenus to an item and chooses it. */
  async followMenu(labels: readonly string[]): Promise<void> {
    for (const label of labels.slice(0, -1)) await this.menuItem(label).hover();
    const last = this.menuItem(labels.at(-1)!);
    await last.waitFor();
    // A menu takes no click in the moment in which it opens, lest it be the one that opened it.
    await this.until('the menu to close', async () => {
      await last.click({ timeout: 1000 }).catch(() => undefined);
      return (await last.isVisible()) ? undefined : true;
    });
  }

  menuItem(label: string): Locator {
    return this.page
      .locator('.monaco-menu .action-item')
      .filter({ has: this.page.locator(`.action-label[aria-label="${label}"]`) })
      .last();
  }

  /** The labels of the open menu and its submenus. */
  async menuLabels(): Promise<string[]> {
    const labels = await attributes(
      this.page.locator('.monaco-menu .action-item .action-label'),
      'aria-label',
    );
    return labels.filter((label) => label !== '');
  }

  /** What the Problems view shows, a line a row: message, source and code, place. */
  async problems(): Promise<string[]> {
    await this.runCommand('View: Focus Problems');
    const texts = await this.page.locator('.markers-panel .monaco-list-row').allInnerTexts();
    return texts.map(oneLine);
  }

  /** A view in the sidebar by the title of its pane. */
  view(title: string): TreeView {
    return new TreeView(this, title);
  }

  /** Shows a container of the activity bar. */
  async openContainer(title: string): Promise<void> {
    const tab = this.page
      .locator('.activitybar [role="tab"]')
      .filter({ has: this.page.locator(`.action-label[aria-label^="${title}"]`) });
    if ((await tab.getAttribute('aria-expanded')) !== 'true') await tab.click();
    await this.page.locator('.sidebar .composite.title').getByText(title).waitFor();
    // Away from the tab, whose hover would lie over the view.
    await this.page.mouse.move(640, 400);
  }

  /** The texts of the notifications that show. */
  async notifications(): Promise<string[]> {
    return this.page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  }

  /** Waits for a notification that contains a text. */
  async notification(text: string | RegExp, limit = patience): Promise<Locator> {
    const found = this.page
      .locator('.notifications-toasts .notification-list-item')
      .filter({ hasText: text })
      .first();
    await found.waitFor({ timeout: limit });
    return found;
  }

  async clickNotification(text: string | RegExp, button: string, limit = patience): Promise<void> {
    const notification = await this.notification(text, limit);
    await notification.hover();
    await notification.getByRole('button', { name: button, exact: true }).click();
  }

  async clearNotifications(): Promise<void> {
    await this.runCommand('Notifications: Clear All Notifications');
    await this.page
      .locator('.notifications-toasts .notification-list-item')
      .first()
      .waitFor({ state: 'hidden' });
  }

  /** The modal dialog that shows. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  async clickDialog(button: string | RegExp): Promise<void> {
    await this.dialog.getByRole('button', { name: button }).click();
    await this.dialog.waitFor({ state: 'hidden' });
  }

  /** The texts of the status bar's items, those without one left out. */
  async statusBar(): Promise<string[]> {
    const texts = await this.page.locator('.statusbar-item').allInnerTexts();
    return texts.map((text) => text.trim()).filter((text) => text !== '');
  }

  statusItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item').filter({ hasText: text });
  }

  /** The names of the open editors. */
  async tabs(): Promise<string[]> {
    return attributes(this.page.locator('.tabs-container .tab'), 'data-resource-name');
  }

  /** The text of the active editor as far as it is on the screen. */
  async editorText(): Promise<string> {
    const lines = await this.page.locator('.editor-group-container.active .view-line').allInnerTexts();
    return lines.map((line) => line.replaceAll('\u00a0', ' ')).join('\n');
  }

  /**
   * Opens the fixes at the cursor, by keyboard, until one of them has this title: findings come a moment after the text,
   * and what moves the text takes the menu away. The same key in an open menu makes the fix that is selected, so it is
   * pressed again only where no menu came.
   */
  async openFixes(title: string): Promise<void> {
    const menu = this.page.locator('.action-widget:visible');
    const answer = menu.or(this.page.locator('.monaco-editor-overlaymessage:visible')).first();
    await this.until(title, async () => {
      await this.page.keyboard.press('Escape');
      await answer.waitFor({ state: 'hidden' });
      await this.page.keyboard.press('ControlOrMeta+.');
      const isAnswered = await answer.waitFor({ timeout: 5000 }).then(
        () => true,
        () => false,
      );
      return isAnswered && (await menu.getByText(title).count()) > 0 ? true : undefined;
    });
  }

  /** Follows a link in the text of the active editor. The key draws links anew, so it is down before the click is. */
  async followLink(text: string): Promise<void> {
    const { keyboard, mouse } = this.page;
    const link = this.page.locator('.view-line .detected-link').filter({ hasText: text }).first();
    const active = this.page.locator('.view-line .detected-link-active').filter({ hasText: text }).first();
    await this.until(`the link ${text} to be taken`, async () => {
      const box = await link.boundingBox();
      if (!box) return undefined;
      await mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await keyboard.down('ControlOrMeta');
      const isActive = await active.waitFor({ timeout: 5000 }).then(
        () => true,
        () => false,
      );
      if (isActive) await mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      await keyboard.up('ControlOrMeta');
      return isActive ? true : undefined;
    });
  }

  /** Waits until `check` gives something; the last resort where the window itself cannot be waited for. */
  async until<T>(what: string, check: () => Promise<T | undefined>, limit = patience): Promise<T> {
    const deadline = Date.now() + limit;
    for (;;) {
      const value = await check();
      if (value !== undefined) return value;
      if (Date.now() > deadline) throw new Error(`Waited ${limit / 1000} s in vain for ${what}`);
      await this.page.waitForTimeout(100);
    }
  }
}
