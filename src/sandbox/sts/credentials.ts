import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../http/http.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

interface SessionCredentials extends Credentials {
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** An access key's secret and owner, or why the key is rejected. */
type KeyLookup =
  | { readonly secretAccessKey: string; readonly principal: Principal }
  | { readonly refused: 'unknown-key' | 'invalid-token' | 'expired-token' };

interface SessionClaims {
  readonly accessKeyId: string;
  readonly principal: Principal;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/**
 * The valid access keys: the sandbox's own, and session keys issued by its STS. Sessions need no storage: a token contains its
 * claims, signed with the sandbox's secret, and survives a restart.
 */
export class Keyring {
  readonly #root: Credentials;
  readonly #rootPrincipal: Principal;
  readonly #now: () => number;

  constructor(root: Credentials, rootPrincipal: Principal, now: () => number) {
    this.#root = root;
    this.#rootPrincipal = rootPrincipal;
    this.#now = now;
  }

  find(accessKeyId: string, sessionToken: string | undefined): KeyLookup {
    if (accessKeyId === this.#root.accessKeyId) {
      if (sessionToken !== undefined) return { refused: 'invalid-token' };
      return { secretAccessKey: this.#root.secretAccessKey, principal: this.#rootPrincipal };
    }
    if (sessionToken === undefined) return { refused: 'unknown-key' };
    const claims = this.#readToken(sessionToken);
    if (claims?.accessKeyId !== accessKeyId) return { refused: 'invalid-token' };
    if (claims.expires <= this.#now()) return { refused: 'expired-token' };
    return { secretAccessKey: this.#sessionSecret(accessKeyId), principal: claims.principal };
  }

  /** Issues session credentials of `principal` that are valid for `seconds`. */
  issue(principal: Principal, seconds: number): SessionCredentials {
    const accessKeyId = newAccessKeyId('ASIA');
    const expires = this.#now() + seconds * 1000;
    const claims: SessionClaims = { accessKeyId, principal, expires };
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return {
      accessKeyId,
      secretAccessKey: this.#sessionSecret(accessKeyId),
      sessionToken: `${payload}.${this.#hmac(`token:${payload}`).toString('base64url')}`,
      expiration: new Date(expires),
    };
  }

  #readToken(token: string): SessionClaims | undefined {
    const [payload = '', mac = ''] = token.split('.');
    const expected = this.#hmac(`token:${payload}`);
    const given = Buffer.from(mac, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as SessionClaims;
  }

  #sessionSecret(accessKeyId: string): string {
    return this.#hmac(`secret:${accessKeyId}`).toString('base64').slice(0, 40);
  }

  #hmac(text: string): Buffer {
    return createHmac('sha256', this.#root.secretAccessKey).update(text).digest();
  }
}

/** Random credentials in AWS's format. */
export function newCredentials(): Credentials {
  return {
    accessKeyId: newAccessKeyId('AKIA'),
    secretAccessKey: randomBytes(30).toString('base64'),
  };
}

const keyAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function newAccessKeyId(prefix: 'AKIA' | 'ASIA'): string {
  return prefix + [...randomBytes(16)].map((byte) => keyAlphabet[byte % 32]!).join('');
}
