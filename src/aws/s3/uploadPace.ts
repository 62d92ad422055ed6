import type { PartSize } from './stagingService.ts';

const mebibyte = 1024 * 1024;
/** Minimum size of all parts but the last, and maximum number of parts (Amazon S3 user guide, qfacts). */
const minPart = 5 * mebibyte;
const maxParts = 10_000;
/** The initial part size; files up to this size are sent in one request. */
export const defaultPart = 8 * mebibyte;
const largePart = 16 * mebibyte;
/** Maximum total size of parts in flight. */
const memory = 40 * mebibyte;
/** Parts sent in less than `quick` become larger; those that take more than `slow` become smaller. */
const partMs = { quick: 400, slow: 20_000 };
const initialConcurrency = 4;
const maxConcurrency = 8;
/** Part sizes are recorded before they are used, so they shouldn't change often. */
const maxSizes = 6;

/** The size of a part by its number; see `BegunUpload`. */
export function sizeOfPart(number: number, sizes: readonly PartSize[]): number {
  return sizes.findLast(({ first }) => first <= number)!.bytes;
}

/**
 * Adapts concurrency and part size to the connection. Concurrency grows by one while that increases throughput, and is halved after a
 * failed attempt. Parts grow if they are quick, and shrink if they are slow, so that a failure loses little.
 */
export class UploadPace {
  readonly #now: () => number;
  #concurrency = initialConcurrency;
  #wanted: number;
  #best = 0;
  #window = { bytes: 0, parts: 0, since: 0 };

  constructor(now: () => number, partBytes: number = defaultPart) {
    this.#now = now;
    this.#wanted = partBytes;
    this.#window.since = now();
  }

  /** The number of parts of this size to send at a time. */
  concurrency(partBytes: number): number {
    return Math.max(1, Math.min(this.#concurrency, Math.floor(memory / partBytes)));
  }

  /**
   * The size of the next part.
   *
   * @param number its number
   * @param left bytes of the file after earlier parts
   * @param sizes of earlier parts
   */
  nextSize(number: number, left: number, sizes: readonly PartSize[]): number {
    // Large enough for the rest of the file within the maximum number of parts.
    const minimum = Math.ceil(left / (maxParts - number + 1) / mebibyte) * mebibyte;
    const current = sizes.length === 0 ? 0 : sizeOfPart(number, sizes);
    const wanted = sizes.length >= maxSizes && current > 0 ? current : this.#wanted;
    return Math.max(minPart, minimum, wanted);
  }

  /** Records a sent part. */
  arrived(bytes: number, ms: number, attempts: number): void {
    if (attempts > 1) {
      this.#concurrency = Math.max(1, Math.floor(this.#concurrency / 2));
      this.#best = 0;
      this.#begin();
    } else this.#measure(bytes);
    if (bytes < minPart) return;
    if (attempts === 1 && ms < partMs.quick) this.#wanted = largePart;
    else if (ms > partMs.slow) this.#wanted = minPart;
  }

  /** Compares the throughput of one round of parts with the best round so far. */
  #measure(bytes: number): void {
    this.#window.bytes += bytes;
    this.#window.parts += 1;
    if (this.#window.parts < this.#concurrency) return;
    const rate = this.#window.bytes / Math.max(1, this.#now() - this.#window.since);
    if (rate > this.#best * 1.05) this.#concurrency = Math.min(maxConcurrency, this.#concurrency + 1);
    else if (rate < this.#best * 0.8) this.#concurrency = Math.max(2, this.#concurrency - 1);
    this.#best = Math.max(this.#best * 0.95, rate);
    this.#begin();
  }

  #begin(): void {
    this.#window = { bytes: 0, parts: 0, since: this.#now() };
  }
}
