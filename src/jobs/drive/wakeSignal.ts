/** Ends all pauses that wait for its current signal. Later pauses get the next signal. */
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
