import { AsyncLocalStorage } from 'node:async_hooks';

type Look = () => Promise<void>;

const current = new AsyncLocalStorage<Look | undefined>();

/**
 * Does `work`. Each request in it that changes something calls `look` right before it leaves this process, also each time that it is
 * repeated, and is not sent where that throws. So nothing that is called on the way can forget to ask.
 */
export function sendOnlyAfter<T>(look: Look, work: () => Promise<T>): Promise<T> {
  return current.run(look, work);
}

/** Does `work` as if it were not part of what it is called from: what it sends is for others to allow. */
export function apart<T>(work: () => T): T {
  return current.run(undefined, work);
}

/** What is to be called before a request leaves that changes something. */
export async function lookBeforeSending(): Promise<void> {
  await current.getStore()?.();
}

/** The part of a client of the SDK that is needed here. */
interface Client {
  readonly middlewareStack: {
    add(
      middleware: (next: (given: never) => Promise<never>) => (given: never) => Promise<never>,
      options: { readonly step: 'deserialize'; readonly priority: 'low'; readonly name: string },
    ): void;
  };
}

/** Makes a client look before it sends, as the last of what it does to a request. */
export function withLastLook<T extends object>(client: T): T {
  (client as unknown as Client).middlewareStack.add(
    (next) => async (given) => {
      const { request } = given as { readonly request: { readonly method?: string } };
      if (request.method !== 'GET' && request.method !== 'HEAD') await lookBeforeSending();
      return next(given);
    },
    { step: 'deserialize', priority: 'low', name: 'lastLook' },
  );
  return client;
}
