/** Random numbers that a seed repeats. */
export interface Random {
  /** 0 to `below` - 1. */
  readonly int: (below: number) => number;
  /** From 0 up to, but not, 1. */
  readonly fraction: () => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
  /** The same things in another order. */
  readonly shuffle: <T>(list: readonly T[]) => T[];
  /** `count` characters out of `alphabet`, each code point a character. */
  readonly text: (alphabet: readonly string[], count: number) => string;
}

/** The generator "mulberry32": 32 bits of state, and good enough for choosing test data. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (below: number): number => Math.floor(next() * below);
  const pick = <T>(list: readonly T[]): T => list[int(list.length)]!;
  return {
    int,
    fraction: next,
    pick,
    chance: (probability) => next() < probability,
    shuffle(list) {
      const shuffled = [...list];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = int(last + 1);
        [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
      }
      return shuffled;
    },
    text(alphabet, count) {
      let text = '';
      for (let at = 0; at < count; at++) text += pick(alphabet);
      return text;
    },
  };
}
