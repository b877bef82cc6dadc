/** Cipher suites that are read, by their numbers at IANA: those with authenticated encryption that OpenSSL still offers by itself. */
export interface Suite {
  readonly cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
  /** Of the derivation of its keys. */
  readonly hash: 'sha256' | 'sha384';
}

const aes128: Suite = { cipher: 'aes-128-gcm', hash: 'sha256' };
const aes256: Suite = { cipher: 'aes-256-gcm', hash: 'sha384' };
const chacha20: Suite = { cipher: 'chacha20-poly1305', hash: 'sha256' };

const suites: ReadonlyMap<number, Suite> = new Map([
  // TLS 1.3 (RFC 8446, B.4).
  ...([
    [0x1301, aes128],
    [0x1302, aes256],
    [0x1303, chacha20],
  ] as const),
  // TLS 1.2: RSA, DHE and ECDHE (RFC 5288, 5289, 7905). How the secret was agreed on does not matter here.
  ...([
    [0x009c, aes128],
    [0x009d, aes256],
    [0x009e, aes128],
    [0x009f, aes256],
  ] as const),
  ...([
    [0xc02b, aes128],
    [0xc02c, aes256],
    [0xc02f, aes128],
    [0xc030, aes256],
  ] as const),
  ...([
    [0xcca8, chacha20],
    [0xcca9, chacha20],
    [0xccaa, chacha20],
  ] as const),
]);

export const suiteOf = (number: number): Suite | undefined => suites.get(number);

export const keyLength = ({ cipher }: Suite): number => (cipher === 'aes-128-gcm' ? 16 : 32);
