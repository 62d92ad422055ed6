import type { Page, PageRequest } from '../aws/pinpoint/audienceService.ts';

/** Page after page of a list, each asked for when the one before was taken. */
export async function* pagesOf<T>(
  fetch: (page: PageRequest) => Promise<Page<T>>,
): AsyncGenerator<readonly T[]> {
  let token: string | undefined;
  do {
    const page: Page<T> = await fetch({ token });
    yield page.items;
    token = page.nextToken;
  } while (token !== undefined);
}
