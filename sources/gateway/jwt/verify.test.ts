import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type JwtKey, readJwtKey, type SigningMethod } from './jwt-key.ts';
import { verifyToken } from './verify.ts';

const noSkew = { expiresAt: 0, issuedAt: 0, notBefore: 0 };
const at = 1_600_000_000;

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function keyOf(source: string, method: SigningMethod): JwtKey {
  const reading = readJwtKey(source, method);
  if (!reading.ok) throw new Error(reading.found);
  return reading.key;
}

/** Signed with HS256. */
function hmacToken(claims: unknown, header: unknown = { alg: 'HS256' }, secret = 'foo'): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

const foo = keyOf('Zm9v', 'hmac');
const check = (token: string, key = foo, seconds = at) =>
  verifyToken(token, key, noSkew, seconds * 1000);

describe('tokens that others made', () => {
  it('passes the token of the walk with Tyk, Elasticsearch and Kibana', () => {
    const token =
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJmb29AYmFyLmNvbSIsIm5hbWUiOiJBaG1ldCBTb29ybWFsbHkiLCJpYXQiOjE1MTYyMzkwMjJ9.8E-X89YnHe6m_jV4Lmyy487VnkCpzuYlsLDceCz4ScU';
    expect(check(token)).toEqual({
      ok: true,
      token: {
        header: { alg: 'HS256', typ: 'JWT' },
        claims: { sub: 'foo@bar.com', name: 'Ahmet Soormally', iat: 1_516_239_022 },
      },
    });
  });

  it('passes the token of RFC 7515, A.1 while it is good', () => {
    const secret =
      'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow';
    const token =
      'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    const key = keyOf(base64(Buffer.from(secret, 'base64url')), 'hmac');
    expect(check(token, key, 1_300_819_379)).toMatchObject({ ok: true });
    expect(check(token, key, 1_300_819_380)).toEqual({
      ...{ ok: false, reason: 'time', words: 'token has expired' },
    });
  });

  it('passes the token of RFC 7515, A.3, on P-256', () => {
    const point = Buffer.concat([
      // SubjectPublicKeyInfo of a key on P-256, up to the point.
      Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex'),
      Buffer.from('f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', 'base64url'),
      Buffer.from('x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0', 'base64url'),
    ]);
    const token =
      'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q';
    expect(check(token, keyOf(base64(point), 'ecdsa'), 1_300_819_379)).toMatchObject({ ok: true });
  });
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

describe('algorithms', () => {
  const signedWith = (alg: string, hash: string, key: KeyObject): string => {
    const text = `${part({ alg })}.${part({ sub: 'a' })}`;
    const signature = sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  };

  it.each(['256', '384', '512'])('passes RS%s with a key of RSA', (bits) => {
    const token = signedWith(`RS${bits}`, `sha${bits}`, rsa.privateKey);
    expect(check(token, keyOf(base64(pem(rsa.publicKey)), 'rsa'))).toMatchObject({ ok: true });
  });

  it.each([
    ['ES256', 'sha256', 'P-256'],
    ['ES384', 'sha384', 'P-384'],
    ['ES512', 'sha512', 'P-521'],
  ])('passes %s with its curve alone', (alg, hash, namedCurve) => {
    const pair = generateKeyPairSync('ec', { namedCurve });
    const key = keyOf(base64(pem(pair.publicKey)), 'ecdsa');
    expect(check(signedWith(alg, hash, pair.privateKey), key)).toMatchObject({ ok: true });
    const other = alg === 'ES256' ? 'ES384' : 'ES256';
    expect(check(signedWith(other, hash, pair.privateKey), key)).toEqual({
      ...{ ok: false, reason: 'algorithm' },
    });
  });

  it.each(['none', 'None', 'NONE', '', 'HS1', 'RS256', 'ES256', null, 5, ['HS256'], '__proto__'])(
    'refuses %j where the API has a secret',
    (alg) => {
      expect(check(hmacToken({ sub: 'a' }, { alg }))).toEqual({ ok: false, reason: 'algorithm' });
    },
  );

  it('refuses a public key used as a secret', () => {
    const source = pem(rsa.publicKey);
    const token = hmacToken({ sub: 'a' }, { alg: 'HS256' }, source);
    expect(check(token, keyOf(base64(source), 'rsa'))).toEqual({ ok: false, reason: 'algorithm' });
  });

  it('refuses a token without a signature', () => {
    const text = `${part({ alg: 'HS256' })}.${part({ sub: 'a' })}`;
    for (const token of [`${text}.`, text, `${text}..`])
      expect(check(token)).toEqual({ ok: false, reason: 'unreadable' });
  });

  it('refuses an extension that must be understood', () => {
    const header = { alg: 'HS256', crit: ['b64'], b64: false };
    expect(check(hmacToken({ sub: 'a' }, header))).toMatchObject({ reason: 'unreadable' });
  });
});

describe('signatures', () => {
  it('refuses a token that was changed anywhere', () => {
    const token = hmacToken({ sub: 'a' });
    for (let place = 0; place < token.length; place++) {
      const other = token[place] === 'A' ? 'B' : 'A';
      const changed = `${token.slice(0, place)}${other}${token.slice(place + 1)}`;
      // The last digit has bits that stand for nothing.
      if (
        Buffer.from(changed.split('.')[2] ?? '', 'base64url').equals(signatureOf(token)) &&
        changed.startsWith(token.slice(0, -1))
      )
        continue;
      expect(check(changed).ok, `digit ${place}`).toBe(false);
    }
  });

  const signatureOf = (token: string): Buffer =>
    Buffer.from(token.split('.')[2] ?? '', 'base64url');

  it('refuses a token of another secret', () => {
    expect(check(hmacToken({ sub: 'a' }, { alg: 'HS256' }, 'bar'))).toEqual({
      ...{ ok: false, reason: 'signature' },
    });
  });

  it.each(['', '.', '..', 'a.b.c', 'Zm9v', `${'a'.repeat(20_000)}.b.c`, 'é.é.é'])(
    'refuses what is no token (%#)',
    (text) => {
      expect(check(text).ok).toBe(false);
    },
  );

  it('refuses claims that are no object', () => {
    for (const claims of [null, [], 'sub', 5]) expect(check(hmacToken(claims)).ok).toBe(false);
  });
});

describe('times', () => {
  it.each([
    [{ exp: at + 1 }, undefined],
    [{ exp: at }, 'token has expired'],
    [{ exp: String(at + 100) }, 'token has expired'],
    [{ exp: null }, 'token has expired'],
    [{ iat: at }, undefined],
    [{ iat: at + 1 }, 'token used before issued'],
    [{ nbf: at }, undefined],
    [{ nbf: at + 1 }, 'token is not valid yet'],
    [{}, undefined],
  ])('%j', (claims, words) => {
    expect(check(hmacToken(claims))).toMatchObject(
      words === undefined ? { ok: true } : { ok: false, reason: 'time', words },
    );
  });

  it('allow for the skew of each', () => {
    const skew = { expiresAt: 10, issuedAt: 20, notBefore: 30 };
    const isGood = (claims: unknown): boolean =>
      verifyToken(hmacToken(claims), foo, skew, at * 1000).ok;
    expect([isGood({ exp: at - 9 }), isGood({ exp: at - 10 })]).toEqual([true, false]);
    expect([isGood({ iat: at + 20 }), isGood({ iat: at + 21 })]).toEqual([true, false]);
    expect([isGood({ nbf: at + 30 }), isGood({ nbf: at + 31 })]).toEqual([true, false]);
  });
});

describe('a key that cannot be used', () => {
  it.each([
    ['https://keys.example/jwks', 'rsa', 'an address of keys (JWKS)'],
    [base64('https://keys.example/jwks'), 'hmac', 'an address of keys (JWKS)'],
    ['not base64', 'hmac', 'text that is no base64'],
    ['', 'hmac', 'text that is no base64'],
    ['Zm9v', 'rsa', 'base64 of no public key'],
    [base64(pem(rsa.publicKey)), 'hmac', 'a public key, which everybody may know'],
    [base64(pem(rsa.publicKey)), 'ecdsa', 'a key of another kind (rsa)'],
  ] as const)('is said (%#)', (source, method, found) => {
    expect(readJwtKey(source, method)).toMatchObject({ ok: false, found });
  });

  it('is a private key, or one on another curve', () => {
    const secret = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(readJwtKey(base64(secret), 'rsa')).toMatchObject({ found: 'a private key' });
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    expect(readJwtKey(base64(pem(publicKey)), 'ecdsa')).toMatchObject({ ok: false });
  });
});
