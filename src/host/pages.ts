import type { Page, PageRequest } from '../aws/pinpoint/audienceService.ts';

/** The pages of a list, each requested once the one before was consumed. */
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
