import type { Locator } from 'playwright-core';
import { spokenTexts } from './locators.ts';
import type { Workbench } from './workbench.ts';

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

  async expand(text: string | RegExp): Promise<void> {
    const row = this.row(text);
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) !== 'true') await row.locator('.monaco-tl-twistie').click();
    await this.#workbench.until(`${String(text)} to expand`, async () =>
      (await row.getAttribute('aria-expanded')) === 'true' ? true : undefined,
    );
  }

  /** Right-clicks on a row and follows menu items by their labels. */
  async menu(text: string | RegExp, ...labels: readonly string[]): Promise<void> {
    await this.row(text).click({ button: 'right' });
    await this.#workbench.followMenu(labels);
  }
}
