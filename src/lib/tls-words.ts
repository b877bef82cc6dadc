/** Where an operator says whom to trust, and what to show: what the options are called there. */
export interface TlsPlaces {
  readonly authority: string;
  readonly pair: string;
}

const ofPumps: TlsPlaces = { authority: 'ssl_ca_file', pair: 'ssl_cert_file and ssl_key_file' };

const untrusted = ({ authority }: TlsPlaces): string =>
  `its certificate is signed by no authority that is trusted here: name the one that signed it in ${authority}`;
const wantsCertificate = ({ pair }: TlsPlaces): string =>
  `it wants a client certificate that it trusts: ${pair}`;
const noTls = 'it speaks no TLS at this port: the address must be one without TLS, or another port';

/** What OpenSSL and Node call failures of TLS, and what an operator can do about them. */
const words: readonly (readonly [RegExp, string | ((places: TlsPlaces) => string)])[] = [
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_TOO_|ERR_SSL_HTTP_REQUEST/, noTls],
  [/SELF_SIGNED_CERT|UNABLE_TO_(VERIFY_LEAF|GET_ISSUER)|CERT_UNTRUSTED/, untrusted],
  [/CERT_HAS_EXPIRED/, 'its certificate has expired'],
  [
    /CERT_NOT_YET_VALID/,
    'its certificate is not valid yet, or the clock of this machine is behind',
  ],
  [/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/, 'no version of TLS is spoken by both sides'],
  [/CERTIFICATE_REQUIRED|ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|UNKNOWN_CERTIFICATE)/, wantsCertificate],
  [/HANDSHAKE_FAILURE/, (places) => `the handshake failed; perhaps ${wantsCertificate(places)}`],
];

/** Where the handshake fails while something is written, Node gives OpenSSL's line, which has the name in words. */
const saidIn = (message: string): string | undefined =>
  /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1];

/** A failure of TLS in words, without OpenSSL's file names; undefined: it is no such failure. */
export function tlsWords(error: unknown, places: TlsPlaces = ofPumps): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code = '', message } = at as NodeJS.ErrnoException;
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
      return `its certificate is for another name: ${message.replace(/^.*altnames: /, '').trim()}`;
    if (/before secure TLS connection was established/.test(message))
      return 'it ended the connection in the TLS handshake: it may speak no TLS, or want a client certificate';
    const said = code === 'EPROTO' ? saidIn(message) : undefined;
    const name = said?.toUpperCase().replaceAll(' ', '_') ?? code;
    const found = words.find(([codes]) => codes.test(name));
    if (found !== undefined) return typeof found[1] === 'string' ? found[1] : found[1](places);
    if (said !== undefined) return `the TLS handshake failed: ${said}`;
  }
  return undefined;
}

/** Whether these bytes are TLS's own: an alert, which is what a server with TLS says to one who speaks without. */
export const isTlsAlert = (bytes: Uint8Array): boolean => bytes[0] === 0x15 && bytes[1] === 0x03;
