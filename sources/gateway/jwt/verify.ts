import { createHmac, timingSafeEqual, verify } from 'node:crypto';
import type { JwtKey } from './jwt-key.ts';

export type Claims = Readonly<Record<string, unknown>>;

export interface Token {
  readonly header: Claims;
  readonly claims: Claims;
}

/** Seconds that clocks may differ by, for each of the three times of a token. */
export interface Skew {
  readonly expiresAt: number;
  readonly issuedAt: number;
  readonly notBefore: number;
}

export type Verified =
  | { readonly ok: true; readonly token: Token }
  /** Not to be trusted: it is broken, or nobody who knows the key wrote it. */
  | { readonly ok: false; readonly reason: 'unreadable' | 'algorithm' | 'signature' }
  /** Written by who knows the key, at another time than it is good for; the phrase is the gateway's. */
  | { readonly ok: false; readonly reason: 'time'; readonly words: string };

/** Longer ones are refused unread. */
const longestToken = 16_384;

/**
 * Verifies a token in the compact form of JWS (RFC 7515, 7.1). `now`: milliseconds since 1970. Nothing of the token is
 * believed before its signature is right.
 */
export function verifyToken(
  text: string,
  { key, algorithms }: JwtKey,
  skew: Skew,
  now: number,
): Verified {
  const parts = text.length > longestToken ? null : compact.exec(text);
  const [, head = '', payload = '', signature = ''] = parts ?? [];
  const header = parts === null ? undefined : objectOf(head);
  // An extension that must be understood (RFC 7515, 4.1.11): none is.
  if (header === undefined || 'crit' in header) return { ok: false, reason: 'unreadable' };
  const hash = typeof header['alg'] === 'string' ? algorithms.get(header['alg']) : undefined;
  if (hash === undefined) return { ok: false, reason: 'algorithm' };

  const signed = Buffer.from(`${head}.${payload}`);
  const given = Buffer.from(signature, 'base64url');
  if (!isSignedBy(key, hash, signed, given)) return { ok: false, reason: 'signature' };

  const claims = objectOf(payload);
  if (claims === undefined) return { ok: false, reason: 'unreadable' };
  const words = wrongTime(claims, skew, Math.floor(now / 1000));
  return words === undefined
    ? { ok: true, token: { header, claims } }
    : { ok: false, reason: 'time', words };
}

const compact = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

function isSignedBy(key: JwtKey['key'], hash: string, signed: Buffer, signature: Buffer): boolean {
  if (key.type !== 'secret')
    return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
  const right = createHmac(hash, key).update(signed).digest();
  return right.length === signature.length && timingSafeEqual(right, signature);
}

function objectOf(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Claims)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The three times are optional; one that is no number is never right. `now`: seconds since 1970. */
function wrongTime(claims: Claims, skew: Skew, now: number): string | undefined {
  if (!isTime(claims['exp'], (at) => now - skew.expiresAt < at)) return 'token has expired';
  if (!isTime(claims['iat'], (at) => now + skew.issuedAt >= at)) return 'token used before issued';
  if (!isTime(claims['nbf'], (at) => now + skew.notBefore >= at)) return 'token is not valid yet';
  return undefined;
}

const isTime = (value: unknown, isRight: (at: number) => boolean): boolean =>
  value === undefined || (typeof value === 'number' && isRight(value));
