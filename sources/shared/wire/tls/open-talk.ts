/*
 * A connection of TLS whose secrets are known: its records are opened, and what is in them is read as a connection that begins. A record
 * is authenticated before anything of it is believed. One that cannot be opened ends the reading: nothing is guessed.
 */
import { Reader } from '../../tls/reader.ts';
import { type Ending, ignored, type Scene, type Side, type Stretch, type Talk } from '../talk.ts';
import { HandshakeMessages, message } from './handshake-messages.ts';
import { masterKeys, nextSecret, trafficKeys } from './key-schedule.ts';
import type { TlsOutcome } from './outcome.ts';
import { Progress } from './progress.ts';
import { Protection } from './protection.ts';
import { RecordReader, type TlsRecord } from './record-reader.ts';
import type { SessionSecrets } from './secrets.ts';
import type { Suite } from './suites.ts';

const record = { changeCipherSpec: 20, alert: 21, handshake: 22, data: 23 };

/** What both have agreed on in the clear. */
interface Agreed {
  readonly suite: Suite;
  readonly randoms: { readonly client: Uint8Array; readonly server: Uint8Array };
  readonly serverName: string | undefined;
  /** TLS 1.3 says it later. */
  readonly alpn: string | undefined;
}

type Pair<T> = readonly [T, T];

/** It is given the connection from its beginning. */
export class OpenTalk implements Talk {
  readonly #scene: Scene;
  readonly #agreed: Agreed;
  readonly #secrets: SessionSecrets;
  readonly #readers: Pair<RecordReader>;
  readonly #messages: Pair<HandshakeMessages> = [new HandshakeMessages(), new HandshakeMessages()];
  readonly #progress: Pair<Progress> = [new Progress(), new Progress()];
  readonly #protections: [Protection, Protection];
  readonly #isSealed: [boolean, boolean] = [false, false];
  /** TLS 1.3: the secrets of what is sent behind the handshake; undefined: the side is within it. */
  readonly #traffic: [Buffer | undefined, Buffer | undefined] = [undefined, undefined];
  #alpn: string | undefined;
  #inner: Talk | undefined;
  #why: TlsOutcome = 'damaged';
  #isOver = false;

  constructor(scene: Scene, agreed: Agreed, secrets: SessionSecrets) {
    this.#scene = scene;
    this.#agreed = agreed;
    this.#secrets = secrets;
    this.#alpn = agreed.alpn;
    this.#readers = [new RecordReader(scene.tally), new RecordReader(scene.tally)];
    const { version } = secrets;
    const { suite, randoms } = agreed;
    const [client, server] =
      secrets.version === 'TLSv1.2'
        ? masterKeys(suite, secrets.master, randoms)
        : ([
            trafficKeys(suite, secrets.handshake[0]),
            trafficKeys(suite, secrets.handshake[1]),
          ] as const);
    this.#protections = [
      new Protection(version, suite, client),
      new Protection(version, suite, server),
    ];
  }

  data(from: Side, stretch: Stretch): void {
    if (this.#isOver) return;
    const take = (each: TlsRecord): boolean => this.#record(from, each, stretch);
    if (!this.#readers[from].read(stretch, take)) this.#leave(this.#why, stretch.time);
    else this.#progress[from].note((stretch.sequence + stretch.end - stretch.start) >>> 0);
  }

  /** How records are sealed depends on how many there were. */
  gap(_from: Side, _length: number, time: number): void {
    if (!this.#isOver) this.#leave('gap', time);
  }

  finish(from: Side, time: number): void {
    if (!this.#isOver) this.#inner?.finish(from, time);
  }

  close(ending: Ending, time: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#drop();
    this.#inner?.close(ending, time);
  }

  #leave(why: TlsOutcome, time: number): void {
    this.#isOver = true;
    this.#drop();
    this.#scene.decryption(why);
    this.#inner?.close('lost', time);
    this.#scene.become(ignored);
  }

  #drop(): void {
    for (const reader of this.#readers) reader.close();
  }

  /** False: the connection cannot be read on. */
  #record(from: Side, one: TlsRecord, stretch: Stretch): boolean {
    const is13 = this.#secrets.version === 'TLSv1.3';
    if (one.type === record.changeCipherSpec) {
      // In TLS 1.3 it means nothing (RFC 8446, D.4).
      if (is13) return true;
      if (this.#isSealed[from]) return this.#fail('renegotiated');
      this.#isSealed[from] = true;
      return true;
    }
    if (is13 && one.type === record.data) this.#isSealed[from] = true;
    else if (is13 && this.#isSealed[from]) return false;
    if (!this.#isSealed[from]) return one.type !== record.data;
    const opened = this.#protections[from].open(one);
    if (opened === undefined) return false;
    switch (opened.type) {
      case record.data:
        // Nobody sends data before it has ended the handshake, but early data, which is not read.
        if (is13 && this.#traffic[from] === undefined) return false;
        this.#deliver(from, opened.bytes, stretch);
        return true;
      case record.handshake:
        return is13 ? this.#handshake(from, opened.bytes) : true;
      case record.alert:
        // close_notify: this side is done.
        if (opened.bytes[1] === 0) this.#inner?.finish(from, stretch.time);
        return true;
      default:
        return false;
    }
  }

  #fail(why: TlsOutcome): false {
    this.#why = why;
    return false;
  }

  /** What is said in TLS 1.3 beside data; keys change at the ends of records only (RFC 8446, 5.1). */
  #handshake(from: Side, bytes: Buffer): boolean {
    const { suite } = this.#agreed;
    const secrets = this.#secrets;
    if (secrets.version !== 'TLSv1.3') return false;
    for (const { type, body } of this.#messages[from].read(bytes)) {
      const traffic = this.#traffic[from];
      if (type === message.encryptedExtensions) this.#alpn = alpnIn(body);
      let next: Buffer | undefined;
      if (type === message.finished && traffic === undefined) next = secrets.traffic[from];
      else if (type === message.keyUpdate && traffic !== undefined)
        next = nextSecret(suite, traffic);
      if (next === undefined) continue;
      this.#traffic[from] = next;
      this.#protections[from] = new Protection('TLSv1.3', suite, trafficKeys(suite, next));
    }
    return true;
  }

  #deliver(from: Side, bytes: Buffer, { acknowledged, time }: Stretch): void {
    const own = this.#progress[from];
    const other = this.#progress[from === 0 ? 1 : 0];
    if (bytes.length === 0) return;
    if (this.#inner === undefined) {
      this.#scene.decryption('decrypted');
      this.#inner = this.#scene.inside({
        version: this.#secrets.version,
        serverName: this.#agreed.serverName,
        alpn: this.#alpn,
      });
    }
    const sequence = own.plain >>> 0;
    own.plain += bytes.length;
    this.#inner.data(from, {
      ...{ bytes, start: 0, end: bytes.length, sequence, time },
      acknowledged: acknowledged === undefined ? undefined : other.upTo(acknowledged) >>> 0,
    });
  }
}

/** The protocol that a server of TLS 1.3 has chosen, in its EncryptedExtensions; undefined: none. */
function alpnIn(body: Buffer): string | undefined {
  const extensions = new Reader(body).list(2);
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.list(2);
    if (type === 16 && !extensions.isShort) return content.list(2).list(1).rest();
  }
  return undefined;
}
