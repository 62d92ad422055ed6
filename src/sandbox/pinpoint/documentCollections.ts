import { Journal } from '../storage/stateJournal.ts';

/** A document of a collection gets this value, or goes where the value is null. */
export type Change = readonly [collection: string, id: string, value: object | null];

/**
 * JSON documents in collections that outlive the process, for small state; the endpoints have `EndpointLog`.
 * Several changes are one line of the journal, so that all of them are there or none, and survive SIGKILL once `commit` has returned.
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
   * Opens the documents that a file keeps, or begins with none.
   *
   * @throws AudienceError `disk` where the file is damaged
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

  /** The documents of a collection in the order in which they came. */
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

  /** Once the journal is mostly history, what there is takes its place. */
  #compact(): void {
    const present = [...this.#collections.values()].reduce((sum, { size }) => sum + size, 0);
    if (this.#journal.length <= 4 * present + 1000) return;
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
