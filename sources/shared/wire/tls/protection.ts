import { createDecipheriv } from 'node:crypto';
import type { TrafficKeys } from './key-schedule.ts';
import type { TlsRecord } from './record-reader.ts';
import type { Suite } from './suites.ts';

/** What a record has said, once it is open. */
interface Opened {
  readonly type: number;
  readonly bytes: Buffer;
}

type Version = 'TLSv1.2' | 'TLSv1.3';

const tagLength = 16;
const explicitLength = 8;

/** Opens the records of one side, one behind the other: each counts, for its number is part of how it was sealed. */
export class Protection {
  readonly #version: Version;
  readonly #suite: Suite;
  readonly #keys: TrafficKeys;
  #sequence = 0;

  constructor(version: Version, suite: Suite, keys: TrafficKeys) {
    this.#version = version;
    this.#suite = suite;
    this.#keys = keys;
  }

  /** Undefined: it was not sealed with these keys, or is damaged. */
  open(record: TlsRecord): Opened | undefined {
    return this.#version === 'TLSv1.3' ? this.#open13(record) : this.#open12(record);
  }

  /** RFC 8446, 5.2: the type stands behind the content, and zeros behind it. */
  #open13({ type, version, payload }: TlsRecord): Opened | undefined {
    const header = Buffer.from([type, version >> 8, version & 0xff, 0, 0]);
    header.writeUInt16BE(payload.length, 3);
    const inner = this.#decrypt(this.#nonce(), header, payload);
    if (inner === undefined) return undefined;
    let end = inner.length;
    while (end > 0 && inner[end - 1] === 0) end--;
    return end === 0
      ? undefined
      : { type: inner[end - 1] as number, bytes: inner.subarray(0, end - 1) };
  }

  /** RFC 5246, 6.2.3.3; GCM's nonce is part of the record (RFC 5288, 3). */
  #open12({ type, version, payload }: TlsRecord): Opened | undefined {
    const isExplicit = this.#suite.cipher !== 'chacha20-poly1305';
    const sealed = isExplicit ? payload.subarray(explicitLength) : payload;
    if (sealed.length < tagLength) return undefined;
    const nonce = isExplicit
      ? Buffer.concat([this.#keys.iv, payload.subarray(0, explicitLength)])
      : this.#nonce();
    const about = Buffer.alloc(13);
    about.writeUInt32BE(Math.floor(this.#sequence / 2 ** 32), 0);
    about.writeUInt32BE(this.#sequence % 2 ** 32, 4);
    about[8] = type;
    about.writeUInt16BE(version, 9);
    about.writeUInt16BE(sealed.length - tagLength, 11);
    const bytes = this.#decrypt(nonce, about, sealed);
    return bytes === undefined ? undefined : { type, bytes };
  }

  /** The record's number, mixed into what both sides derived (RFC 8446, 5.3; RFC 7905, 2). */
  #nonce(): Buffer {
    const nonce = Buffer.from(this.#keys.iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(4) ^ Math.floor(this.#sequence / 2 ** 32)) >>> 0, 4);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ (this.#sequence % 2 ** 32)) >>> 0, 8);
    return nonce;
  }

  #decrypt(nonce: Buffer, about: Buffer, sealed: Buffer): Buffer | undefined {
    const end = sealed.length - tagLength;
    if (end < 0) return undefined;
    // Node has one signature for each of these ciphers, and they are the same.
    const cipher = createDecipheriv(this.#suite.cipher as 'aes-128-gcm', this.#keys.key, nonce, {
      authTagLength: tagLength,
    });
    cipher.setAAD(about);
    cipher.setAuthTag(sealed.subarray(end));
    try {
      const bytes = cipher.update(sealed.subarray(0, end));
      cipher.final();
      this.#sequence++;
      return bytes;
    } catch {
      return undefined;
    }
  }
}
