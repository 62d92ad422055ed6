import { AsyncLocalStorage } from 'node:async_hooks';

type Check = () => Promise<void>;

const current = new AsyncLocalStorage<Check | undefined>();

/**
 * Runs `work`. Each of its requests that changes something calls `check` right before it is sent, at each attempt, and isn't sent
 * if that throws. A hook in the clients, so that no caller can forget the check.
 */
export function guardWrites<T>(check: Check, work: () => Promise<T>): Promise<T> {
  return current.run(check, work);
}

/** Runs `work` without the caller's check, for work that outlives its caller or has a check of its own. */
export function withoutWriteGuard<T>(work: () => T): T {
  return current.run(undefined, work);
}

/** Runs the current check, before a request that changes something. */
export async function checkBeforeWrite(): Promise<void> {
  await current.getStore()?.();
}

/** The used part of an SDK client. */
interface Client {
  readonly middlewareStack: {
    add(
      middleware: (next: (given: never) => Promise<never>) => (given: never) => Promise<never>,
      options: { readonly step: 'deserialize'; readonly priority: 'low'; readonly name: string },
    ): void;
  };
}

/** Makes a client run the current check as the last step before it sends. */
export function withWriteGuard<T extends object>(client: T): T {
  (client as unknown as Client).middlewareStack.add(
    (next) => async (given) => {
      const { request } = given as { readonly request: { readonly method?: string } };
      if (request.method !== 'GET' && request.method !== 'HEAD') await checkBeforeWrite();
      return next(given);
    },
    { step: 'deserialize', priority: 'low', name: 'writeGuard' },
  );
  return client;
}
