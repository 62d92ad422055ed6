/** A decimal number: its digits without leading and trailing zeros, and the power of ten of the first one. */
interface Decimal {
  readonly isNegative: boolean;
  readonly digits: string;
  readonly power: number;
}

/** Compares two decimal numbers by all of their digits; a positive result if the first is larger. */
export function compareDecimals(one: string, other: string): number {
  const [a, b] = [decimalOf(one), decimalOf(other)];
  if (a.isNegative !== b.isNegative) return a.isNegative ? -1 : 1;
  const direction = a.isNegative ? -1 : 1;
  if (a.digits === '' || b.digits === '') return direction * (a.digits.length - b.digits.length);
  if (a.power !== b.power) return direction * (a.power - b.power);
  return direction * (a.digits < b.digits ? -1 : a.digits > b.digits ? 1 : 0);
}

function decimalOf(text: string): Decimal {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  const leading = /^0*/.exec(all)![0].length;
  const digits = all.slice(leading).replace(/(?<!0)0+$/, '');
  return {
    isNegative: sign === '-' && digits !== '',
    digits,
    power: Number(exponent) + whole.length - leading,
  };
}

/** The smallest or largest of decimal numbers; `undefined` if there are none. */
export function extremeOf(texts: readonly string[], which: 'min' | 'max'): string | undefined {
  const direction = which === 'min' ? 1 : -1;
  return texts.reduce<string | undefined>(
    (best, text) => (best === undefined || direction * compareDecimals(text, best) < 0 ? text : best),
    undefined,
  );
}

/** Sums of numbers are counted in units of 2^-1075, so that they are exact and don't depend on the order. */
const sumBits = 1075n;

/** The mean of `count` numbers with an exact sum, rounded once. */
export function meanOf(sum: bigint, count: number): number {
  const magnitude = sum < 0n ? -sum : sum;
  const divisor = BigInt(count) << sumBits;
  // 64 more bits than the quotient's integer part needs, or the smallest number has.
  const length = magnitude.toString(2).length - divisor.toString(2).length;
  const shift = BigInt(Math.min(64 - length, 1140));
  const scaled = shift >= 0n ? magnitude << shift : magnitude;
  const scaledDivisor = shift >= 0n ? divisor : divisor << -shift;
  // A bit for what is cut off decides ties.
  const quotient = (scaled / scaledDivisor) | (scaled % scaledDivisor === 0n ? 0n : 1n);
  const half = Number(shift / 2n);
  const mean = Number(quotient) * 2 ** -half * 2 ** -(Number(shift) - half);
  return sum < 0n ? -mean : mean;
}
