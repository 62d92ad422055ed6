import type { Locator, Page } from 'playwright-core';
import { spokenTexts } from './locators.ts';

/** The box at the top of the window in which VS Code asks: the palette, picks and inputs. */
export class QuickInput {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get box(): Locator {
    return this.#page.locator('.quick-input-widget:visible');
  }

  async type(text: string, options: { readonly timeout?: number } = {}): Promise<void> {
    await this.box.locator('input.input').fill(text, options);
  }

  async accept(): Promise<void> {
    await this.#page.keyboard.press('Enter');
  }

  /** Chooses a row by the beginning of its label. */
  async pick(label: string): Promise<void> {
    await this.row(label).click();
  }

  row(label: string): Locator {
    return this.box.locator(`.quick-input-list .monaco-list-row[aria-label^="${label}"]`).first();
  }

  async rows(): Promise<string[]> {
    return spokenTexts(this.box.locator('.quick-input-list .monaco-list-row'));
  }

  /** Waits until the box asks something: its title, its placeholder or its message contains a text. */
  async waitFor(text: string): Promise<void> {
    await this.box
      .filter({ has: this.#page.locator(`input[placeholder*="${text}"], :text("${text}")`) })
      .waitFor();
  }
}
