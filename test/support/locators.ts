import type { Locator } from 'playwright-core';

/** What rows say to a screen reader, which is all that they say to anybody. Rows that are scrolled away are not there. */
export async function spokenTexts(rows: Locator): Promise<string[]> {
  const texts = await attributes(rows, 'aria-label');
  return texts.map(oneLine);
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** An attribute of every element that is there, the empty string where one has none. */
export function attributes(elements: Locator, name: string): Promise<string[]> {
  return elements.evaluateAll(
    (found: { getAttribute(name: string): string | null }[], attribute: string) =>
      found.map((element) => element.getAttribute(attribute) ?? ''),
    name,
  );
}
