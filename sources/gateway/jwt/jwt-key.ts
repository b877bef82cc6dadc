/**
 * What the tokens of one API are verified with. The definition decides the family of algorithms, and the key's own type and
 * curve the rest: what a token says of its algorithm only ever picks among these (RFC 8725, 3.1), so that neither `none` nor
 * a public key taken for an HMAC secret can pass.
 */
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';

export const signingMethods = ['hmac', 'rsa', 'ecdsa'] as const;
export type SigningMethod = (typeof signingMethods)[number];

export interface JwtKey {
  readonly key: KeyObject;
  /** Hashes by the names of the algorithms (RFC 7518, 3.1) that may be used with the key. */
  readonly algorithms: ReadonlyMap<string, string>;
}

const hashes = { 256: 'sha256', 384: 'sha384', 512: 'sha512' } as const;

const family = (prefix: string): ReadonlyMap<string, string> =>
  new Map(Object.entries(hashes).map(([bits, hash]) => [`${prefix}${bits}`, hash]));

/** One algorithm to a curve (RFC 7518, 3.4). */
const curves: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  prime256v1: new Map([['ES256', 'sha256']]),
  secp384r1: new Map([['ES384', 'sha384']]),
  secp521r1: new Map([['ES512', 'sha512']]),
};

/** `found` and `expected` as in a problem of a file; what stands there is never in them. */
export type ReadKey =
  | { readonly ok: true; readonly key: JwtKey }
  | { readonly ok: false; readonly found: string; readonly expected: string };

/** Reads `jwt_source`: base64 of a secret, or of a public key or certificate in PEM or DER. */
export function readJwtKey(source: string, method: SigningMethod): ReadKey {
  if (/^https?:/i.test(source)) return address;
  const bytes = base64Of(source);
  if (bytes === undefined) return { ok: false, found: 'text that is no base64', expected };
  if (/^https?:/i.test(bytes.subarray(0, 8).toString('latin1'))) return address;
  if (method !== 'hmac') return publicKeyOf(bytes, method);
  if (readPublic(bytes) !== undefined)
    return {
      ok: false,
      found: 'a public key, which everybody may know',
      expected: 'a secret; or "jwt_signing_method": "rsa" or "ecdsa" for this key',
    };
  return { ok: true, key: { key: createSecretKey(bytes), algorithms: family('HS') } };
}

const expected = 'base64 of a secret (hmac), or of a public key in PEM (rsa, ecdsa)';

const address: ReadKey = {
  ok: false,
  found: 'an address of keys (JWKS)',
  expected: `${expected}; addresses of keys are not asked`,
};

function publicKeyOf(bytes: Buffer, method: 'rsa' | 'ecdsa'): ReadKey {
  if (bytes.includes('PRIVATE KEY'))
    return { ok: false, found: 'a private key', expected: 'the public key that belongs to it' };
  const key = readPublic(bytes);
  if (key === undefined) return { ok: false, found: 'base64 of no public key', expected };
  const type = key.asymmetricKeyType;
  const algorithms =
    method === 'rsa'
      ? type === 'rsa'
        ? family('RS')
        : undefined
      : type === 'ec'
        ? curves[key.asymmetricKeyDetails?.namedCurve ?? '']
        : undefined;
  return algorithms === undefined
    ? { ok: false, found: `a key of another kind (${type ?? 'unknown'})`, expected: kinds[method] }
    : { ok: true, key: { key, algorithms } };
}

const kinds = {
  rsa: 'a key of RSA, as "jwt_signing_method" says',
  ecdsa: 'a key on P-256, P-384 or P-521, as "jwt_signing_method" says',
} as const;

/** From PEM (a certificate, too) or DER. */
function readPublic(bytes: Buffer): KeyObject | undefined {
  for (const encoding of [{ format: 'pem' }, { format: 'der', type: 'spki' }] as const) {
    try {
      return createPublicKey({ key: bytes, ...encoding });
    } catch {
      // It is the other one, or none.
    }
  }
  return undefined;
}

/** Strict: Node by itself passes over what is none. */
function base64Of(text: string): Buffer | undefined {
  const isBase64 = /^(?:[\d+/A-Za-z]{4})*(?:[\d+/A-Za-z]{2}==|[\d+/A-Za-z]{3}=)?$/.test(text);
  return isBase64 && text !== '' ? Buffer.from(text, 'base64') : undefined;
}
