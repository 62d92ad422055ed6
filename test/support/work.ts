import { Session } from 'node:inspector/promises';

interface Coverage {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
}

/**
 * Counts work: calls of functions in our code and in jsonc-parser, and bytes that are decoded or measured. Unlike time, it is the
 * same on every machine, so that its growth shows whether work is proportional to the input.
 */
export class WorkCounter {
  readonly #session = new Session();
  #bytes = 0;
  readonly #restore = [
    counting(Buffer.prototype as object, 'toString', (size) => (this.#bytes += size)),
    counting(Buffer, 'byteLength', (size) => (this.#bytes += size)),
  ];

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  }

  /** The work of `run`. */
  async workOf(run: () => unknown): Promise<number> {
    await this.#calls();
    this.#bytes = 0;
    await run();
    return this.#bytes + (await this.#calls());
  }

  async stop(): Promise<void> {
    for (const each of this.#restore) each();
    await this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }

  /** The number of calls since the last time. */
  async #calls(): Promise<number> {
    const { result } = (await this.#session.post('Profiler.takePreciseCoverage')) as {
      result: readonly Coverage[];
    };
    const ours = result.filter(({ url }) => /\/src\/|jsonc-parser/.test(url));
    return ours
      .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
      .reduce((sum, { count }) => sum + count, 0);
  }
}

/** Passes the size of each result of a method, a text or a number, to `count`; returns how to end that. */
function counting(owner: object, name: string, count: (size: number) => void): () => void {
  const method = Reflect.get(owner, name) as (...values: readonly unknown[]) => string | number;
  Reflect.set(owner, name, function (this: unknown, ...values: readonly unknown[]): string | number {
    const result = Reflect.apply(method, this, values);
    count(typeof result === 'string' ? result.length : result);
    return result;
  });
  return () => void Reflect.set(owner, name, method);
}
