const lineFeed = 0x0a;

/**
 * Splits bytes into lines without `\n`, in one batch per chunk that completes any. The last line may lack a line end. Lines of a batch
 * are made when they are needed, so that few are in memory.
 *
 * @param limit longer lines are cut to `limit + 1` bytes, so that a file without line ends doesn't fill the memory
 */
export async function* lineBatches(
  chunks: AsyncIterable<Buffer>,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<Iterable<Buffer>> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  const keep = (piece: Buffer): void => {
    const cut = shortened(piece, limit + 1 - restBytes);
    if (cut.length === 0) return;
    rest.push(cut);
    restBytes += cut.length;
  };
  const takeRest = (): Buffer => {
    const line = rest.length === 1 ? rest[0]! : Buffer.concat(rest);
    rest = [];
    restBytes = 0;
    return line;
  };
  for await (const chunk of chunks) {
    const firstEnd = chunk.indexOf(lineFeed);
    if (firstEnd < 0) {
      keep(chunk);
      continue;
    }
    keep(chunk.subarray(0, firstEnd));
    const first = takeRest();
    const lastEnd = chunk.lastIndexOf(lineFeed);
    keep(chunk.subarray(lastEnd + 1));
    yield linesOf(first, chunk.subarray(firstEnd + 1, lastEnd + 1), limit);
  }
  if (rest.length > 0) yield [takeRest()];
}

/** @param others whole lines with their ends */
function* linesOf(first: Buffer, others: Buffer, limit: number): Generator<Buffer> {
  yield first;
  let start = 0;
  for (let end = others.indexOf(lineFeed); end >= 0; end = others.indexOf(lineFeed, start)) {
    yield shortened(others.subarray(start, end), limit + 1);
    start = end + 1;
  }
}

function shortened(piece: Buffer, bytes: number): Buffer {
  return piece.length > bytes ? piece.subarray(0, Math.max(0, bytes)) : piece;
}
