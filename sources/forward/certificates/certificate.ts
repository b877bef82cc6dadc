/** Certificates of X.509 (RFC 5280), made with keys of the curve P-256. */
import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, context, integer, octets, oid, sequence, set, time, truth, utf8 } from './der.ts';
import { addressBytes } from './subtrees.ts';

export interface CertificateContent {
  readonly subject: DistinguishedName;
  /** The authority's own name, byte for byte: DER. */
  readonly issuer: Uint8Array;
  readonly publicKey: KeyObject;
  readonly from: Date;
  readonly until: Date;
  /** In their order; see `extensions`. */
  readonly extensions: readonly Uint8Array[];
}

export interface DistinguishedName {
  readonly organization: string;
  readonly commonName: string | undefined;
}

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));

/** Signed by `key`; DER. */
export function makeCertificate(content: CertificateContent, key: KeyObject): Buffer {
  const signed = sequence(
    context(0, integer(Buffer.of(2))), // Version 3.
    // Unpredictable, and never negative.
    integer(randomBytes(16)),
    ecdsaWithSha256,
    content.issuer,
    sequence(time(content.from), time(content.until)),
    nameOf(content.subject),
    content.publicKey.export({ type: 'spki', format: 'der' }),
    context(3, sequence(...content.extensions)),
  );
  return sequence(signed, ecdsaWithSha256, bits(sign('sha256', signed, key)));
}

export const nameOf = ({ organization, commonName }: DistinguishedName): Buffer =>
  sequence(
    set(sequence(oid('2.5.4.10'), utf8(organization))),
    // RFC 5280 allows 64 characters. A host's name may have more, which is no loss: clients look at its SAN alone.
    ...(commonName === undefined
      ? []
      : [set(sequence(oid('2.5.4.3'), utf8(commonName.slice(0, 64))))]),
  );

const extension = (id: string, isCritical: boolean, value: Uint8Array): Buffer =>
  sequence(oid(id), ...(isCritical ? [truth()] : []), octets(value));

/** SHA-1 of the point, as RFC 5280 (4.2.1.2) proposes: a name for a key, which nobody need trust. */
export const keyIdOf = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }).subarray(-65))
    .digest();

/** Extensions of a certificate, each as a whole. */
export const extensions = {
  /** It may sign those of servers and nothing that signs in its turn. */
  isAuthority: (): Buffer => extension('2.5.29.19', true, sequence(truth(), integer(Buffer.of(0)))),
  isNoAuthority: (): Buffer => extension('2.5.29.19', true, sequence()),
  /** keyCertSign and cRLSign. */
  maySign: (): Buffer => extension('2.5.29.15', true, bits(Buffer.of(0b0000_0110), 1)),
  /** digitalSignature. */
  mayServe: (): Buffer => extension('2.5.29.15', true, bits(Buffer.of(0b1000_0000), 7)),
  isOfServer: (): Buffer => extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
  ownKey: (keyId: Uint8Array): Buffer => extension('2.5.29.14', false, octets(keyId)),
  keyOfIssuer: (keyId: Uint8Array): Buffer =>
    extension('2.5.29.35', false, sequence(context(0, keyId, true))),
  /** Of one host, a name in ASCII or an address. */
  isFor(host: string): Buffer {
    const address = addressBytes(host);
    const name =
      address === undefined
        ? context(2, Buffer.from(host, 'latin1'), true)
        : context(7, address, true);
    return extension('2.5.29.17', false, sequence(name));
  },
  /** Made by `nameConstraints`. */
  constrained: (value: Uint8Array): Buffer => extension('2.5.29.30', true, value),
} as const;

/** An element of DER as a block of PEM. */
export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
