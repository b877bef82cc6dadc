/** An authority for this run alone, and a certificate that it signed. */
import { generateKeyPairSync } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import {
  type Authority,
  day,
  makeAuthority,
  readAuthority,
} from '../../../sources/forward/certificates/authority.ts';
import {
  extensions,
  makeCertificate,
  pem,
} from '../../../sources/forward/certificates/certificate.ts';

export interface Certificate {
  /** In PEM. */
  readonly key: string;
  readonly cert: string;
}

/** For one host, valid for a day. The authority's certificate is written to `caFile`, for those who are to trust it; its key to nowhere. */
export function certificateFor(host: string, caFile: string): Certificate {
  const now = Date.now();
  const made = makeAuthority({ name: 'Sluice demo', now, days: 1 });
  const authority = readAuthority(made.text);
  if (typeof authority === 'string') throw new Error(authority);
  const certificate = signed(host, authority, now);
  // Whoever waits for the file finds it whole.
  writeFileSync(`${caFile}.new`, made.certificate.toString());
  renameSync(`${caFile}.new`, caFile);
  return certificate;
}

function signed(host: string, { key, subject, keyId }: Authority, now: number): Certificate {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = makeCertificate(
    {
      subject: { organization: 'Sluice demo', commonName: host },
      issuer: subject,
      publicKey: pair.publicKey,
      from: new Date(now - day),
      until: new Date(now + day),
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
    key: String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    cert: pem('CERTIFICATE', certificate),
  };
}
