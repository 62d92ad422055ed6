import { Journal } from '../storage/stateJournal.ts';

/** Sets a document of a collection, or deletes it if the value is null. */
export type Change = readonly [collection: string, id: string, value: object | null];

/**
 * Persistent collections of JSON documents, for small state; endpoints are in `EndpointLog`. A commit is one line of the journal,
 * hence atomic, and survives SIGKILL once `commit` has returned.
 */
export class Documents {
  readonly #journal: Journal<readonly Change[]>;
  readonly #collections: Map<string, Map<string, object>>;

  private constructor(journal: Journal<readonly Change[]>, collections: Map<string, Map<string, object>>) {
    this.#journal = journal;
    this.#collections = collections;
    this.#compact();
  }

  /**
   * Opens or creates a file of documents.
   *
   * @throws AudienceError `disk` if the file is damaged
   */
  static open(file: string): Documents {
    const collections = new Map<string, Map<string, object>>();
    const journal = Journal.open<readonly Change[]>(file, (changes) => {
      for (const change of changes) apply(collections, change);
    });
    return new Documents(journal, collections);
  }

  get(collection: string, id: string): object | undefined {
    return this.#collections.get(collection)?.get(id);
  }

  /** The documents of a collection, oldest first. */
  list(collection: string): object[] {
    return [...(this.#collections.get(collection)?.values() ?? [])];
  }

  commit(changes: readonly Change[]): void {
    this.#journal.append(changes);
    for (const change of changes) apply(this.#collections, change);
    this.#compact();
  }

  close(): void {
    this.#journal.close();
  }

  /** Rewrites a journal that is mostly history. */
  #compact(): void {
    const count = [...this.#collections.values()].reduce((sum, { size }) => sum + size, 0);
    if (this.#journal.length <= 4 * count + 1000) return;
    this.#journal.rewrite(
      [...this.#collections].flatMap(([collection, documents]) =>
        [...documents].map(([id, value]): Change[] => [[collection, id, value]]),
      ),
    );
  }
}

function apply(collections: Map<string, Map<string, object>>, [collection, id, value]: Change): void {
  let documents = collections.get(collection);
  if (documents === undefined) collections.set(collection, (documents = new Map<string, object>()));
  if (value !== null) documents.set(id, value);
  else documents.delete(id);
  if (documents.size === 0) collections.delete(collection);
}
