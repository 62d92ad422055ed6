import { AudienceError } from '../errors.ts';

/** A page of a list, and what to ask for to get the next one; nothing after the last. */
interface Page<Item, Token> {
  readonly items: readonly Item[];
  readonly next: Token | undefined;
}

/** No list of AWS is as long: S3 has a thousand objects on a page. */
const maxPages = 100_000;

/**
 * The pages of a list, each read once the previous one was consumed.
 *
 * @throws AudienceError `service` if a token comes back, which AWS's never do, or there are too many: the list would never end
 */
export async function* eachPage<Item, Token>(
  read: (token: Token | undefined) => Promise<Page<Item, Token>>,
): AsyncGenerator<readonly Item[]> {
  const seen = new Set<string>();
  let token: Token | undefined;
  for (;;) {
    const { items, next } = await read(token);
    yield items;
    if (next === undefined || next === '') return;
    const key = JSON.stringify(next);
    if (seen.has(key) || seen.size === maxPages) {
      throw new AudienceError(
        'service',
        'The list never ends: the service returns the same page tokens again',
        {
          help: 'Check the service URL.',
        },
      );
    }
    seen.add(key);
    token = next;
  }
}

/** The items of all pages of a list. */
export async function allItems<Item, Token>(
  read: (token: Token | undefined) => Promise<Page<Item, Token>>,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const items of eachPage(read)) found.push(...items);
  return found;
}
