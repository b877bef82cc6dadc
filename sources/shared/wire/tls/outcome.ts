/**
 * `decrypted`, or why a connection is not read, or not on: no secrets for this session; a suite or version that is not read; a hole; a record
 * that does not open; data before the handshake (0-RTT); a second handshake.
 */
export type TlsOutcome =
  | 'decrypted'
  | 'no-secrets'
  | 'suite'
  | 'version'
  | 'gap'
  | 'damaged'
  | 'early-data'
  | 'renegotiated';
