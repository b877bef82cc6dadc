import { X509Certificate } from 'node:crypto';

/** From when until when a certificate is good, in milliseconds since 1970. */
export interface Validity {
  readonly from: number;
  readonly until: number;
}

/** Of the first certificate in PEM; a chain has the holder's own at its head. Throws where there is none. */
export function validityOf(pem: Buffer): Validity {
  const { validFrom, validTo } = new X509Certificate(pem);
  return { from: Date.parse(validFrom), until: Date.parse(validTo) };
}
