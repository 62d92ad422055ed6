import { eachPage } from '../eachPage.ts';
import type { Page, PageRequest } from './audienceService.ts';

/** The pages of a list, each fetched once the previous one was consumed. */
export function pagesOf<T>(fetch: (page: PageRequest) => Promise<Page<T>>): AsyncGenerator<readonly T[]> {
  return eachPage(async (token: string | undefined) => {
    const { items, nextToken } = await fetch({ token });
    return { items, next: nextToken };
  });
}

/** The items of all pages of a list. */
export async function* itemsOf<T>(fetch: (page: PageRequest) => Promise<Page<T>>): AsyncGenerator<T> {
  for await (const page of pagesOf(fetch)) yield* page;
}
