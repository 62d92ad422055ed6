/** An object that can't be read, or not further; the message says why. */
export class UnreadableObject extends Error {}

/** Imports don't support compressed files (User guide, segments-importing). */
export function refuseCompressed(start: Buffer): void {
  if (start[0] === 0x1f && start[1] === 0x8b) throw new UnreadableObject('The object is compressed');
  if (start.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) {
    throw new UnreadableObject('The object is compressed');
  }
}

/** Invalid JSON; the message is the parser's. */
export class BadJson extends UnreadableObject {}
