/** An event of the core, of the same form as `vscode.Event`, so that the editor can pass it on. */
export type Event<T> = (listener: (value: T) => unknown) => { dispose(): void };

/** Calls its listeners in the order in which they came. A listener that throws does not keep the others from being called. */
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
