const lineFeed = 0x0a;

/**
 * Splits bytes into lines without `\n`, in one batch per chunk. The last line may lack a line end.
 *
 * @param limit longer lines are cut to `limit + 1` bytes, so that a file without line ends doesn't fill the memory
 */
export async function* lineBatches(
  chunks: AsyncIterable<Buffer>,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer[]> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  const keep = (piece: Buffer): void => {
    const room = limit + 1 - restBytes;
    if (piece.length === 0 || room <= 0) return;
    rest.push(piece.length > room ? piece.subarray(0, room) : piece);
    restBytes += Math.min(piece.length, room);
  };
  for await (const chunk of chunks) {
    const batch: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      keep(chunk.subarray(start, end));
      batch.push(rest.length === 1 ? rest[0]! : Buffer.concat(rest));
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    keep(chunk.subarray(start));
    if (batch.length > 0) yield batch;
  }
  if (rest.length > 0) yield [Buffer.concat(rest)];
}
