import type { Locator } from 'playwright-core';
import { spokenTexts } from './locators.ts';
import type { Workbench } from './workbench.ts';

/** Longer than our tree and the editor together wait before they show a changed line. */
const settledMs = 1000;

/** A tree view. */
export class TreeView {
  readonly #workbench: Workbench;
  readonly pane: Locator;

  constructor(workbench: Workbench, title: string) {
    this.#workbench = workbench;
    this.pane = workbench.page
      .locator('.pane')
      .filter({ has: workbench.page.locator(`.pane-header[aria-label^="${title}"]`) });
  }

  async rows(): Promise<string[]> {
    return spokenTexts(this.pane.locator('.monaco-list-row'));
  }

  row(text: string | RegExp): Locator {
    return this.pane.locator('.monaco-list-row').filter({ hasText: text }).first();
  }

  /** A link or button of the view's welcome text. */
  link(text: string): Locator {
    return this.pane.locator('a.monaco-link, .monaco-button').filter({ hasText: text });
  }

  /**
   * Expands a row, and waits until what it shows stays: a folder that tells its count does so a moment later, for which
   * the editor forgets the rows below it and asks for them again; a command on one of them would get no row then.
   */
  async expand(text: string | RegExp): Promise<void> {
    const row = this.row(text);
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) === 'true') return;
    await row.locator('.monaco-tl-twistie').click();
    await this.#workbench.until(`${String(text)} to expand`, async () =>
      (await row.getAttribute('aria-expanded')) === 'true' ? true : undefined,
    );
    let before = '';
    let since = Date.now();
    await this.#workbench.until(`what is below ${String(text)} to stay`, async () => {
      const now = (await this.rows()).join('\n');
      if (now !== before) since = Date.now();
      before = now;
      return Date.now() - since > settledMs ? true : undefined;
    });
  }

  /** Right-clicks on a row and follows menu items by their labels. */
  async menu(text: string | RegExp, ...labels: readonly string[]): Promise<void> {
    await this.row(text).click({ button: 'right' });
    await this.#workbench.followMenu(labels);
  }
}
