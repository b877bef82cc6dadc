import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

export interface ScramParts {
  readonly hash: 'sha256' | 'sha512';
  readonly username: string;
  readonly password: string;
  /** By default one that was never used. */
  readonly nonce?: string;
}

/** Fewer make a stolen exchange cheap to guess; more would only keep this process busy. */
const fewestRounds = 4_096;
const mostRounds = 10_000_000;

/** The client's side of one login by RFC 5802: nobody on the way learns the password, and the broker proves itself. */
export class Scram {
  readonly #parts: ScramParts;
  readonly #nonce: string;
  #expected: Buffer | undefined;

  constructor(parts: ScramParts) {
    this.#parts = parts;
    this.#nonce = parts.nonce ?? randomBytes(24).toString('base64url');
  }

  first(): string {
    return `n,,${this.#bare()}`;
  }

  #bare(): string {
    const name = this.#parts.username.replaceAll('=', '=3D').replaceAll(',', '=2C');
    return `n=${name},r=${this.#nonce}`;
  }

  /** The proof for the broker's challenge; undefined: the challenge is none of ours. */
  async final(challenge: string): Promise<string | undefined> {
    const { hash, password } = this.#parts;
    const { r: nonce = '', s: salt = '', i: rounds = '' } = attributesOf(challenge);
    const count = Number(rounds);
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce) return undefined;
    if (!(count >= fewestRounds && count <= mostRounds)) return undefined;
    const size = hash === 'sha512' ? 64 : 32;
    const salted = await derive(password, Buffer.from(salt, 'base64'), count, size, hash);
    const withoutProof = `c=biws,r=${nonce}`;
    const all = `${this.#bare()},${challenge},${withoutProof}`;
    const clientKey = this.#hmac(salted, 'Client Key');
    const signature = this.#hmac(createHash(hash).update(clientKey).digest(), all);
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
    this.#expected = this.#hmac(this.#hmac(salted, 'Server Key'), all);
    return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`;
  }

  /** Whether the broker's last word proves that it knows the password too. */
  isGenuine(answer: string): boolean {
    const { v: proof = '' } = attributesOf(answer);
    const bytes = Buffer.from(proof, 'base64');
    return (
      this.#expected !== undefined &&
      bytes.length === this.#expected.length &&
      timingSafeEqual(bytes, this.#expected)
    );
  }

  #hmac(key: Buffer, text: string): Buffer {
    return createHmac(this.#parts.hash, key).update(text).digest();
  }
}

const attributesOf = (message: string): Readonly<Partial<Record<string, string>>> =>
  Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
