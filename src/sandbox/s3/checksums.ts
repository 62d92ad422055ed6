import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme, combineCrcs } from './crc.ts';

/** S3's checksum algorithms (S3 user guide, checking-object-integrity) except the XXHASH family, which Node lacks. */
export type ChecksumAlgorithm = keyof typeof algorithms;

/** `FULL_OBJECT`: of all bytes; `COMPOSITE`: of the checksums of a multipart upload's parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  /** Base64; a composite one ends in `-` and the number of parts. */
  readonly value: string;
}

/** An incremental checksum. */
interface Digest {
  update(bytes: Uint8Array): unknown;
  digest(): Buffer;
}

class Crc32 implements Digest {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#value);
    return bytes;
  }
}

const hash = (name: string) => (): Hash => createHash(name);

/** The first of `types` is the default of multipart uploads. */
const algorithms = {
  CRC32: { digest: (): Digest => new Crc32(), types: ['COMPOSITE', 'FULL_OBJECT'], polynomial: 0xedb88320n },
  CRC32C: {
    digest: (): Digest => new Crc32c(),
    types: ['COMPOSITE', 'FULL_OBJECT'],
    polynomial: 0x82f63b78n,
  },
  CRC64NVME: {
    digest: (): Digest => new Crc64Nvme(),
    types: ['FULL_OBJECT'],
    polynomial: 0x9a6c9329ac4bc9b5n,
  },
  SHA1: { digest: hash('sha1'), types: ['COMPOSITE'], polynomial: undefined },
  SHA256: { digest: hash('sha256'), types: ['COMPOSITE'], polynomial: undefined },
  SHA512: { digest: hash('sha512'), types: ['COMPOSITE'], polynomial: undefined },
  MD5: { digest: hash('md5'), types: ['COMPOSITE'], polynomial: undefined },
} as const;

export const checksumAlgorithms = Object.keys(algorithms) as readonly ChecksumAlgorithm[];

export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(algorithms, name);
}

export const checksumHeader = (algorithm: ChecksumAlgorithm): string =>
  `x-amz-checksum-${algorithm.toLowerCase()}`;

/** The element's name in S3's XML. */
export const checksumElement = (algorithm: ChecksumAlgorithm): string => `Checksum${algorithm}`;

export function checksumTypes(algorithm: ChecksumAlgorithm): readonly [ChecksumType, ...ChecksumType[]] {
  return algorithms[algorithm].types;
}

/** Several checksums of the same bytes. */
export class Digests<Name extends ChecksumAlgorithm> {
  readonly #digests: Map<Name, Digest>;

  constructor(names: Iterable<Name>) {
    this.#digests = new Map([...names].map((name) => [name, algorithms[name].digest()]));
  }

  update(bytes: Uint8Array): void {
    for (const digest of this.#digests.values()) digest.update(bytes);
  }

  /** Base64, by algorithm. Call once. */
  values(): Map<Name, string> {
    return new Map([...this.#digests].map(([name, digest]) => [name, digest.digest().toString('base64')]));
  }
}

/** The checksum of an object from those of its parts, in order. */
export function combineChecksums(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { readonly value: string; readonly size: number }[],
): string {
  if (type === 'COMPOSITE') {
    const digest = algorithms[algorithm].digest();
    for (const part of parts) digest.update(Buffer.from(part.value, 'base64'));
    return `${digest.digest().toString('base64')}-${parts.length}`;
  }
  const { polynomial } = algorithms[algorithm];
  if (polynomial === undefined)
    throw new TypeError(`${algorithm} checksums of parts can't be combined to one of the full object`);
  return combineCrcs(polynomial, parts);
}
