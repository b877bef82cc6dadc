import type { SecretSource, SessionSecrets, Waiting } from '../../shared/wire/tls/secrets.ts';

/** Sessions whose secrets are kept; beyond it, the oldest are forgotten. */
const mostSessions = 50_000;
/** Connections that wait for theirs. */
const mostWaiting = 256;
/** In milliseconds of the clock. */
const patience = 5000;

/** A label, by what the session is known (the random of the ClientHello, of 32 bytes), and the secret. */
const lineForm = /^([A-Z][A-Z\d_]{1,63}) ([\da-f]+) ([\da-f]+)$/i;
const randomLength = 64;
/** By the hash of the suite; the master secret of TLS 1.2 has 48. */
const secretLengths = new Set([64, 96]);
const labels = new Set([
  ...['CLIENT_RANDOM', 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_HANDSHAKE_TRAFFIC_SECRET'],
  ...['CLIENT_TRAFFIC_SECRET_0', 'SERVER_TRAFFIC_SECRET_0'],
]);

interface Waiter extends Waiting {
  readonly random: string;
  readonly since: number;
}

/**
 * Secrets of sessions, in the words of NSS (draft-ietf-tls-keylogfile): what `SSLKEYLOGFILE` makes programs write. Labels that nobody
 * needs are left out.
 */
export class KeyLog implements SecretSource {
  readonly #now: () => number;
  readonly #onRefusal: () => void;
  readonly #sessions = new Map<string, Map<string, Buffer>>();
  readonly #waiting = new Set<Waiter>();
  /** More may be added while connections go on. */
  #isGrowing: boolean;

  /** `now`: milliseconds, of any clock. `onRefusal`: a line is of another form. Never with what is in it. */
  constructor(isGrowing: boolean, now: () => number, onRefusal: () => void) {
    this.#isGrowing = isGrowing;
    this.#now = now;
    this.#onRefusal = onRefusal;
  }

  /** Lines, whole ones. */
  add(text: string): void {
    const touched = new Set<string>();
    for (const line of text.split(/\r?\n/)) {
      if (line === '' || line.startsWith('#')) continue;
      const [, label = '', random = '', secret = ''] = lineForm.exec(line) ?? [];
      if (label === '') this.#onRefusal();
      else if (labels.has(label)) {
        if (random.length !== randomLength || !secretLengths.has(secret.length)) {
          this.#onRefusal();
          continue;
        }
        this.#put(random.toLowerCase(), label, Buffer.from(secret, 'hex'));
        touched.add(random.toLowerCase());
      }
    }
    for (const each of [...this.#waiting])
      if (touched.has(each.random)) {
        each.look();
        // Some of its secrets may still be missing.
        if (this.#isComplete(each.random)) this.#waiting.delete(each);
      }
  }

  of(random: Uint8Array, version: SessionSecrets['version']): SessionSecrets | undefined {
    const known = this.#sessions.get(Buffer.from(random).toString('hex'));
    if (version === 'TLSv1.2') {
      const master = known?.get('CLIENT_RANDOM');
      return master?.length === 48 ? { version, master } : undefined;
    }
    const [client, server] = ['CLIENT', 'SERVER'].map((side) => ({
      handshake: known?.get(`${side}_HANDSHAKE_TRAFFIC_SECRET`),
      traffic: known?.get(`${side}_TRAFFIC_SECRET_0`),
    }));
    if (client?.handshake === undefined || server?.handshake === undefined) return undefined;
    if (client.traffic === undefined || server.traffic === undefined) return undefined;
    return {
      version,
      handshake: [client.handshake, server.handshake],
      traffic: [client.traffic, server.traffic],
    };
  }

  wait(random: Uint8Array, waiting: Waiting): boolean {
    if (!this.#isGrowing || this.#waiting.size >= mostWaiting) return false;
    const hex = Buffer.from(random).toString('hex');
    this.#waiting.add({ ...waiting, random: hex, since: this.#now() });
    return true;
  }

  /** Lets those go that have waited too long. */
  sweep(): void {
    const now = this.#now();
    for (const each of this.#waiting) {
      if (now - each.since <= patience) break;
      this.#waiting.delete(each);
      each.giveUp();
    }
  }

  /** Nothing is added any more. */
  close(): void {
    this.#isGrowing = false;
    for (const each of this.#waiting) each.giveUp();
    this.#waiting.clear();
  }

  #isComplete(random: string): boolean {
    const bytes = Buffer.from(random, 'hex');
    return this.of(bytes, 'TLSv1.2') !== undefined || this.of(bytes, 'TLSv1.3') !== undefined;
  }

  #put(random: string, label: string, secret: Buffer): void {
    let known = this.#sessions.get(random);
    if (known === undefined) {
      if (this.#sessions.size >= mostSessions)
        for (const oldest of this.#sessions.keys()) {
          this.#sessions.delete(oldest);
          break;
        }
      known = new Map();
      this.#sessions.set(random, known);
    }
    known.set(label, secret);
  }
}
