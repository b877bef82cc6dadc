import { generateKeyPairSync } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Clock } from '#source';
import { type Authority, clockSkew, day, organization } from './authority.ts';
import { extensions, makeCertificate, pem } from './certificate.ts';

/** Browsers take no more than 398 days, and less every year; nobody keeps these. */
const life = 45 * day;
/** So many hosts are remembered, each with some 30 KB; the one that was asked for longest ago is forgotten first. */
const remembered = 1_000;

interface Leaf {
  readonly context: SecureContext;
  /** When another is made, long before clients find it expired. */
  readonly renewAt: number;
}

/** Certificates of hosts, made when they are first asked for. One key serves all: to make one takes longer than to sign. */
export class Leaves {
  readonly #most: number;
  readonly #authority: Authority;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #keyText: string;
  readonly #leaves = new Map<string, Leaf>();

  /** `most`: so many hosts are remembered; left out: 1,000. */
  constructor(authority: Authority, clock: Pick<Clock, 'now'>, most = remembered) {
    this.#most = most;
    this.#authority = authority;
    this.#clock = clock;
    this.#keyText = String(this.#keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }

  /** For a host in its canonical form: a name in ASCII, or an address. */
  contextFor(host: string): SecureContext {
    const now = this.#clock.now();
    const known = this.#leaves.get(host);
    if (known !== undefined && now < known.renewAt) {
      // The last one used is the last in the map's order.
      this.#leaves.delete(host);
      this.#leaves.set(host, known);
      return known.context;
    }
    const leaf = this.#make(host, now);
    this.#leaves.delete(host);
    this.#leaves.set(host, leaf);
    const [oldest] = this.#leaves.keys();
    if (this.#leaves.size > this.#most && oldest !== undefined) this.#leaves.delete(oldest);
    return leaf.context;
  }

  #make(host: string, now: number): Leaf {
    const { certificate, subject, keyId, key } = this.#authority;
    const from = Math.max(now - clockSkew, Date.parse(certificate.validFrom));
    const until = Math.min(now + life, Date.parse(certificate.validTo));
    const leaf = makeCertificate(
      {
        // OpenSSL takes an address there for a name, which constraints then forbid.
        subject: { organization, commonName: isIP(host) === 0 ? host : undefined },
        issuer: subject,
        publicKey: this.#keys.publicKey,
        from: new Date(from),
        until: new Date(until),
        extensions: [
          extensions.isNoAuthority(),
          extensions.mayServe(),
          extensions.isOfServer(),
          extensions.isFor(host),
          ...(keyId === undefined ? [] : [extensions.keyOfIssuer(keyId)]),
        ],
      },
      key,
    );
    return {
      context: createSecureContext({ key: this.#keyText, cert: pem('CERTIFICATE', leaf) }),
      renewAt: now + (until - now) / 2,
    };
  }
}
