import type { PartSize } from './stagingService.ts';

const mebibyte = 1024 * 1024;
/** The least of a part that is not the last, and the most parts (Amazon S3 user guide, qfacts). */
const leastPart = 5 * mebibyte;
const mostParts = 10_000;
/** Parts begin with this; up to here a file goes in one request. */
export const usualPart = 8 * mebibyte;
const largePart = 16 * mebibyte;
/** What all parts on their way may hold together. */
const memory = 40 * mebibyte;
/** A part that took less than the first is small for this line, one that took more than the second is too much to lose. */
const partMs = { quick: 400, slow: 20_000 };
const lanesAtFirst = 4;
const mostLanes = 8;
/** Part sizes are written down before they are used, so they do not change often. */
const mostSizes = 6;

/** Bytes of the part with this number, of those sizes; see `BegunUpload`. */
export function sizeOfPart(number: number, sizes: readonly PartSize[]): number {
  return sizes.findLast(({ first }) => first <= number)!.bytes;
}

/**
 * How many parts go at a time, and how large the next ones are. Like any sender that does not know the line: one more as
 * long as that makes it faster, half as many after a refusal or a cut; larger parts where they go quickly, small ones where
 * each takes long, so that little is lost with one.
 */
export class UploadPace {
  readonly #now: () => number;
  #lanes = lanesAtFirst;
  #wanted: number;
  #best = 0;
  #window = { bytes: 0, parts: 0, since: 0 };

  constructor(now: () => number, partBytes: number = usualPart) {
    this.#now = now;
    this.#wanted = partBytes;
    this.#window.since = now();
  }

  /** Parts that may be on their way together, of this size. */
  lanes(partBytes: number): number {
    return Math.max(1, Math.min(this.#lanes, Math.floor(memory / partBytes)));
  }

  /**
   * The size of the next part.
   *
   * @param number its number
   * @param left bytes of the file that no earlier part holds
   * @param sizes of the parts so far
   */
  nextSize(number: number, left: number, sizes: readonly PartSize[]): number {
    // So many that the rest of a very large file still fits.
    const least = Math.ceil(left / (mostParts - number + 1) / mebibyte) * mebibyte;
    const current = sizes.length === 0 ? 0 : sizeOfPart(number, sizes);
    const wanted = sizes.length >= mostSizes && current > 0 ? current : this.#wanted;
    return Math.max(leastPart, least, wanted);
  }

  /** A part has arrived: after so many milliseconds and attempts. */
  arrived(bytes: number, ms: number, attempts: number): void {
    if (attempts > 1) {
      this.#lanes = Math.max(1, Math.floor(this.#lanes / 2));
      this.#best = 0;
      this.#begin();
    } else this.#measure(bytes);
    if (bytes < leastPart) return;
    if (attempts === 1 && ms < partMs.quick) this.#wanted = largePart;
    else if (ms > partMs.slow) this.#wanted = leastPart;
  }

  /** Compares the bytes a second of one round of parts with the best round so far. */
  #measure(bytes: number): void {
    this.#window.bytes += bytes;
    this.#window.parts += 1;
    if (this.#window.parts < this.#lanes) return;
    const rate = this.#window.bytes / Math.max(1, this.#now() - this.#window.since);
    if (rate > this.#best * 1.05) this.#lanes = Math.min(mostLanes, this.#lanes + 1);
    else if (rate < this.#best * 0.8) this.#lanes = Math.max(2, this.#lanes - 1);
    this.#best = Math.max(this.#best * 0.95, rate);
    this.#begin();
  }

  #begin(): void {
    this.#window = { bytes: 0, parts: 0, since: this.#now() };
  }
}
