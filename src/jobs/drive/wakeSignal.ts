/** Ends the sleep of all who sleep by its signal; who sleeps next takes the next signal. */
export class WakeSignal {
  #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  wake(): void {
    const sleeping = this.#controller;
    this.#controller = new AbortController();
    sleeping.abort();
  }
}
