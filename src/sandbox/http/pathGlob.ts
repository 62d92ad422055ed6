/**
 * A path pattern: `*` matches anything within one segment, `**` anything. Takes time proportional to pattern length times path
 * length, whatever the pattern: patterns are untrusted.
 */
export function pathGlob(pattern: string): (path: string) => boolean {
  const parts = pattern.match(/\*\*|\*|[^*]/gsu) ?? [];
  const end = parts.length;
  const isStar = parts.map((part) => part.startsWith('*'));
  /** Stars may match the empty string. */
  const passStars = (reached: Uint8Array): Uint8Array => {
    for (let at = 0; at < end; at++) if (reached[at] === 1 && isStar[at]!) reached[at + 1] = 1;
    return reached;
  };
  return (path) => {
    let reached = passStars(Uint8Array.from({ length: end + 1 }, (_, at) => (at === 0 ? 1 : 0)));
    for (const character of path) {
      const next = new Uint8Array(end + 1);
      for (let at = 0; at < end; at++) {
        if (reached[at] !== 1) continue;
        if (!isStar[at]!) next[at + 1] ||= parts[at] === character ? 1 : 0;
        else if (parts[at] === '**' || character !== '/') next[at] = 1;
      }
      reached = passStars(next);
    }
    return reached[end] === 1;
  };
}
