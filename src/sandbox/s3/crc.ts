/** CRC-32C (Castagnoli), reflected, as in S3's `x-amz-checksum-crc32c`. */
export class Crc32c {
  #value = 0xffffffff;

  update(bytes: Uint8Array): void {
    let value = this.#value;
    for (let at = 0; at < bytes.length; at += 1) {
      value = crc32cTable[(value ^ bytes[at]!) & 0xff]! ^ (value >>> 8);
    }
    this.#value = value;
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(~this.#value >>> 0);
    return bytes;
  }
}

const crc32cTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/**
 * CRC-64/NVME, reflected, in two halves of 32 bits, since numbers are much faster than BigInts. Processes eight bytes at a time,
 * each with the table of its position ("slicing by 8").
 */
export class Crc64Nvme {
  #high = 0xffffffff;
  #low = 0xffffffff;

  update(bytes: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    let at = 0;
    for (; at + 8 <= bytes.length; at += 8) {
      const a = low ^ word(bytes, at);
      const b = high ^ word(bytes, at + 4);
      low = slice(lowTables, a, 7) ^ slice(lowTables, b, 3);
      high = slice(highTables, a, 7) ^ slice(highTables, b, 3);
    }
    for (; at < bytes.length; at += 1) {
      const entry = (low ^ bytes[at]!) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ lowTables[entry]!;
      high = (high >>> 8) ^ highTables[entry]!;
    }
    this.#high = high;
    this.#low = low;
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(~this.#high >>> 0, 0);
    bytes.writeUInt32BE(~this.#low >>> 0, 4);
    return bytes;
  }
}

/** Little-endian, because the bits are reflected. */
function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** The effect of a word's four bytes on one half. @param table the table of the first byte */
function slice(tables: Int32Array, bits: number, table: number): number {
  const first = table << 8;
  return (
    tables[first + (bits & 0xff)]! ^
    tables[first - 256 + ((bits >>> 8) & 0xff)]! ^
    tables[first - 512 + ((bits >>> 16) & 0xff)]! ^
    tables[first - 768 + (bits >>> 24)]!
  );
}

/** Eight tables of 256 entries: table k is for bytes that are followed by k more. */
const lowTables = new Int32Array(8 * 256);
const highTables = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte += 1) {
  let value = BigInt(byte);
  for (let table = 0; table < 8; table += 1) {
    for (let bit = 0; bit < 8; bit += 1)
      value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n;
    lowTables[(table << 8) + byte] = Number(BigInt.asIntN(32, value));
    highTables[(table << 8) + byte] = Number(BigInt.asIntN(32, value >> 32n));
  }
}

/**
 * Combines CRCs of parts without their bytes: the CRC of `a` followed by the `n` bytes of `b` is crc(a) · x^8n + crc(b), modulo the
 * polynomial. True for CRCs that start and end with all bits flipped, as S3's do.
 *
 * @param polynomial reflected; 32 or 64 bits wide
 * @param parts big-endian CRCs in base64, with the byte count of each part
 */
export function combineCrcs(
  polynomial: bigint,
  parts: readonly { readonly value: string; readonly size: number }[],
): string {
  const width = polynomial > 0xffffffffn ? 64 : 32;
  let whole = 0n;
  for (const part of parts) {
    const own = BigInt(`0x${Buffer.from(part.value, 'base64').toString('hex')}`);
    whole = multiply(whole, powerOfX(8n * BigInt(part.size), polynomial, width), polynomial, width) ^ own;
  }
  return Buffer.from(whole.toString(16).padStart(width / 4, '0'), 'hex').toString('base64');
}

/** x^exponent modulo the polynomial. Reflected: the highest bit is x^0. */
function powerOfX(exponent: bigint, polynomial: bigint, width: number): bigint {
  let result = 1n << BigInt(width - 1);
  let square = 1n << BigInt(width - 2);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = multiply(result, square, polynomial, width);
    square = multiply(square, square, polynomial, width);
  }
  return result;
}

function multiply(a: bigint, b: bigint, polynomial: bigint, width: number): bigint {
  let product = 0n;
  for (let mask = 1n << BigInt(width - 1); mask > 0n; mask >>= 1n) {
    if (a & mask) product ^= b;
    b = b & 1n ? (b >> 1n) ^ polynomial : b >> 1n;
  }
  return product;
}
