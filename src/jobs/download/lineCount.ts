import { Transform } from 'node:stream';
import { regularChunks } from '../../regularFile.ts';

const lineFeed = 10;

/** Counts the records of streamed NDJSON: its lines, including a last one without a line break. */
export class LineCount {
  #ended = 0;
  #isOpen = false;

  readonly stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      this.add(chunk);
      done(null, chunk);
    },
  });

  get count(): number {
    return this.#ended + (this.#isOpen ? 1 : 0);
  }

  add(chunk: Buffer): void {
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) this.#ended += 1;
    if (chunk.length > 0) this.#isOpen = chunk[chunk.length - 1] !== lineFeed;
  }
}

/** The number of records in an NDJSON file. */
export async function countLines(path: string, signal: AbortSignal | undefined): Promise<number> {
  const lines = new LineCount();
  for await (const chunk of regularChunks(path, { signal })) lines.add(chunk);
  return lines.count;
}
