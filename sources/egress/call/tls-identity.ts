import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { TlsOrigination } from '../rules/model.ts';

/**
 * How TLS is spoken to somebody that was asked for as `host`. The certificate is always held to an authority, and must be for the
 * names of the rules, or else for the SNI, or else for the host.
 */
export function tlsOptions(tls: TlsOrigination, host: string): ConnectionOptions {
  const name = tls.sni ?? host;
  const names = tls.subjectAltNames.length > 0 ? tls.subjectAltNames : [name];
  return {
    rejectUnauthorized: true,
    // An address cannot be an SNI (RFC 6066).
    ...(isIP(name) === 0 ? { servername: name } : { servername: '' }),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.client === undefined ? {} : { cert: tls.client.certificate, key: tls.client.key }),
    checkServerIdentity: (_, certificate) => identityError(names, certificate),
  };
}

/** Undefined: the certificate is for one of the names, which may be URIs and addresses. */
export function identityError(
  names: readonly string[],
  certificate: PeerCertificate,
): Error | undefined {
  // Names in the subject alone, which nobody issues any more, do not count.
  const nameless = { ...certificate, subject: {} as PeerCertificate['subject'] };
  const alternatives = certificate.subjectaltname;
  const isFor = (name: string): boolean =>
    name.includes('://')
      ? urisIn(alternatives ?? '').includes(name)
      : checkServerIdentity(name, nameless) === undefined;
  if (alternatives !== undefined && names.some(isFor)) return undefined;
  const error: NodeJS.ErrnoException = new Error(
    `the server's certificate is for ${alternatives ?? 'no name'}, not for ${names.join(' or ')}`,
  );
  error.code = 'ERR_TLS_CERT_ALTNAME_INVALID';
  return error;
}

/** As Node.js writes them: `DNS:a, URI:b`; what has signs of that form in it is in quotes, as JSON. */
function urisIn(alternatives: string): readonly string[] {
  const parts = alternatives.matchAll(/(?:^|, )URI:("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return Array.from(parts, ([, value = '']) =>
    value.startsWith('"') ? (JSON.parse(value) as string) : value,
  );
}
