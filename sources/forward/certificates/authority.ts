import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { hostname } from 'node:os';
import { extensions, keyIdOf, makeCertificate, nameOf, pem } from './certificate.ts';
import { elementsIn, oid } from './der.ts';
import { nameConstraints, type Subtrees } from './subtrees.ts';

/** An authority of our own: what signs certificates of servers for those who trust it. */
export interface Authority {
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
  /** Its name and the identifier of its key, as they stand in its certificate: DER, and bytes; undefined: it has none. */
  readonly subject: Uint8Array;
  readonly keyId: Uint8Array | undefined;
}

export const day = 24 * 60 * 60 * 1000;
/** Clocks differ: what is made now is valid since a day before. */
export const clockSkew = 1 * day;

export const organization = 'Sluice capture';

/** Makes an authority; `text` is the file of it, PEM of the key and of the certificate. */
export function makeAuthority(wanted: {
  readonly name: string | undefined;
  readonly now: number;
  readonly days: number;
  /** Left out: it may vouch for every host. */
  readonly subtrees?: Subtrees | undefined;
}): { readonly text: string; readonly certificate: X509Certificate } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const today = new Date(wanted.now).toISOString().slice(0, 10);
  const name = {
    organization,
    commonName: wanted.name ?? `Sluice capture on ${hostname()}, ${today}`,
  };
  const certificate = makeCertificate(
    {
      subject: name,
      issuer: nameOf(name),
      publicKey,
      from: new Date(wanted.now - clockSkew),
      until: new Date(wanted.now + wanted.days * day),
      extensions: [
        extensions.isAuthority(),
        extensions.maySign(),
        extensions.ownKey(keyIdOf(publicKey)),
        ...(wanted.subtrees === undefined
          ? []
          : [extensions.constrained(nameConstraints(wanted.subtrees))]),
      ],
    },
    privateKey,
  );
  return {
    text: `${String(privateKey.export({ type: 'pkcs8', format: 'pem' }))}${pem('CERTIFICATE', certificate)}`,
    certificate: new X509Certificate(certificate),
  };
}

/** Reads the file of an authority; a text says what is wrong with it. */
export function readAuthority(text: string): Authority | string {
  let key: KeyObject;
  let certificate: X509Certificate;
  try {
    key = createPrivateKey(text);
  } catch {
    return 'it has no private key in PEM';
  }
  try {
    certificate = new X509Certificate(text);
  } catch {
    return 'it has no certificate in PEM';
  }
  if (!certificate.ca) return 'its certificate is of no authority (CA:TRUE)';
  if (!certificate.checkPrivateKey(key)) return 'its key is not the one of its certificate';
  if (key.asymmetricKeyType !== 'ec') return 'its key is not of an elliptic curve';
  return { key, certificate, ...namesIn(certificate.raw) };
}

const keyIdentifier = oid('2.5.29.14');

function namesIn(certificate: Uint8Array): Pick<Authority, 'subject' | 'keyId'> {
  // Version, number, algorithm, issuer, validity, subject, key, and, as the last, `[3]` with the extensions.
  const parts = elementsIn(elementsIn(certificate)[0] ?? certificate);
  const all = elementsIn(elementsIn(parts.at(-1) ?? certificate)[0] ?? certificate);
  const found = all.find((one) => keyIdentifier.equals(elementsIn(one)[0] ?? one));
  const value = found && elementsIn(found).at(-1);
  // An octet string within an octet string, both shorter than 128 bytes.
  return { subject: parts[5] ?? certificate, keyId: value?.subarray(4) };
}
