/**
 * How a Tyk gateway names the keys of clients in Redis and in records. A key may say itself how it is hashed: it is then
 * JSON in base64, `{"org":"…","id":"…","h":"murmur64"}`, which begins with `ey`.
 */
import { createHash } from 'node:crypto';
import { murmur32, murmur128 } from '#source';

/** Names that `hash_key_function` of a gateway has; empty: the gateway's oldest way. */
export const keyHashes = ['', 'murmur32', 'murmur64', 'murmur128', 'sha256'] as const;
export type KeyHash = (typeof keyHashes)[number];

/** The two settings of a gateway that say what a key becomes. */
export interface KeyNaming {
  /** `hash_keys`: keys are kept and recorded as their hashes. */
  readonly isHashed: boolean;
  /** `hash_key_function`: for keys that the gateway makes. */
  readonly hash: KeyHash;
}

/** A key as Redis and records have it, in hexadecimal digits; as it is where keys are not hashed. */
export function storedKey(key: string, { isHashed }: KeyNaming): string {
  if (!isHashed) return key;
  // Of calls without a key, which are most of them.
  return key === '' ? '00000000' : hashed(key, hashOfKey(key));
}

function hashed(key: string, hash: string): string {
  const bytes = Buffer.from(key);
  switch (hash) {
    case 'sha256':
      return createHash('sha256').update(bytes).digest('hex');
    case 'murmur128':
      return hex(murmur128(bytes));
    case '':
    case 'murmur32':
      return hex(murmur32(bytes));
    default:
      // The gateway takes its default for a hash that it does not know.
      return hex(murmur128(bytes).subarray(0, 8));
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The key that a gateway makes of an organisation's id and an id. */
export function keyOf(organisation: string, id: string, { hash }: KeyNaming): string {
  const rest =
    organisation !== '' && id.startsWith(organisation) ? id.slice(organisation.length) : id;
  if (hash === '') return organisation + rest;
  // Put together as text, as the gateway does, so that its hash is the same.
  return Buffer.from(`{"org":"${organisation}","id":"${rest}","h":"${hash}"}`).toString('base64');
}

/**
 * Keys that a session may be stored under, in the order in which a gateway looks: a client may send the key, or the id of
 * it alone.
 */
export function candidates(
  key: string,
  organisation: string,
  naming: KeyNaming,
): readonly string[] {
  if (organisationOfKey(key) === organisation) return [key];
  const made = keyOf(organisation, key, naming);
  return made === key ? [key] : [made, key];
}

function hashOfKey(key: string): string {
  const hash = contentsOf(key)?.['h'];
  return typeof hash === 'string' ? hash : '';
}

/** A key of the oldest way begins with the 24 digits of an organisation's id. */
function organisationOfKey(key: string): string {
  const contents = contentsOf(key);
  if (contents !== undefined) return typeof contents['org'] === 'string' ? contents['org'] : '';
  return key.length > 24 ? key.slice(0, 24) : '';
}

function contentsOf(key: string): Readonly<Record<string, unknown>> | undefined {
  // Longer ones are no keys; a client must not have us parse megabytes.
  if (!key.startsWith('ey') || key.length > 4096) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(key, 'base64').toString());
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
