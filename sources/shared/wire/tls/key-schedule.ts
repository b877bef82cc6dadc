/** Keys out of secrets, as both sides derive them. */
import { createHmac } from 'node:crypto';
import { keyLength, type Suite } from './suites.ts';

export interface TrafficKeys {
  readonly key: Buffer;
  /** TLS 1.2 with GCM: the fixed 4 bytes of the nonce; otherwise all 12. */
  readonly iv: Buffer;
}

/** HKDF-Expand-Label (RFC 8446, 7.1) with an empty context, of no more bytes than the hash has. */
function expandLabel({ hash }: Suite, secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0, 1])]);
  return createHmac(hash, secret).update(info).digest().subarray(0, length);
}

/** Of one side's secret of TLS 1.3 (RFC 8446, 7.3). */
export const trafficKeys = (suite: Suite, secret: Buffer): TrafficKeys => ({
  key: expandLabel(suite, secret, 'key', keyLength(suite)),
  iv: expandLabel(suite, secret, 'iv', 12),
});

/** The secret behind a KeyUpdate (RFC 8446, 7.2). */
export const nextSecret = (suite: Suite, secret: Buffer): Buffer =>
  expandLabel(suite, secret, 'traffic upd', secret.length);

/** Both sides' keys of TLS 1.2, the client's first (RFC 5246, 6.3). */
export function masterKeys(
  suite: Suite,
  master: Buffer,
  randoms: { readonly client: Uint8Array; readonly server: Uint8Array },
): readonly [TrafficKeys, TrafficKeys] {
  const ivLength = suite.cipher === 'chacha20-poly1305' ? 12 : 4;
  const length = keyLength(suite);
  const seed = Buffer.concat([Buffer.from('key expansion'), randoms.server, randoms.client]);
  const block = pseudoRandom(suite, master, seed, 2 * (length + ivLength));
  const [keys, ivs] = [block.subarray(0, 2 * length), block.subarray(2 * length)];
  return [
    { key: keys.subarray(0, length), iv: ivs.subarray(0, ivLength) },
    { key: keys.subarray(length), iv: ivs.subarray(ivLength) },
  ];
}

/** P_hash (RFC 5246, 5). */
function pseudoRandom({ hash }: Suite, secret: Buffer, seed: Buffer, length: number): Buffer {
  const parts: Buffer[] = [];
  let a = seed;
  for (let made = 0; made < length; made += (parts.at(-1) as Buffer).length) {
    a = createHmac(hash, secret).update(a).digest();
    parts.push(createHmac(hash, secret).update(a).update(seed).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}
