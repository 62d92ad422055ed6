/** An event of the core, with the signature of `vscode.Event`, so that the editor can pass it on. */
export type Event<T> = (listener: (value: T) => unknown) => { dispose(): void };

/** Calls listeners in the order in which they were added. All are called, even if one throws. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => unknown>();

  readonly event: Event<T> = (listener) => {
    const own = (value: T): unknown => listener(value);
    this.#listeners.add(own);
    return { dispose: () => void this.#listeners.delete(own) };
  };

  fire(value: T): void {
    const failures: unknown[] = [];
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'An event listener failed');
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
