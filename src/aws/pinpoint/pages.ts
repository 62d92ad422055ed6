import { nextPage } from '../nextPage.ts';
import type { Page, PageRequest } from './audienceService.ts';

/** The pages of a list, each fetched once the previous one was consumed. */
export async function* pagesOf<T>(
  fetch: (page: PageRequest) => Promise<Page<T>>,
): AsyncGenerator<readonly T[]> {
  let token: string | undefined;
  do {
    const page: Page<T> = await fetch({ token });
    yield page.items;
    token = nextPage(page.nextToken, token);
  } while (token !== undefined);
}

/** The items of all pages of a list. */
export async function* itemsOf<T>(fetch: (page: PageRequest) => Promise<Page<T>>): AsyncGenerator<T> {
  for await (const page of pagesOf(fetch)) yield* page;
}
