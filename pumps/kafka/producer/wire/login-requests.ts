import type { Request } from './requests.ts';

/** Which mechanism is wanted. From version 1 on, `authenticate` follows; before it, bare tokens. */
export const handshake = (mechanism: string) =>
  ({
    name: 'SaslHandshake',
    key: 17,
    versions: [0, 1],
    ending: undefined,
    write(out) {
      out.string(mechanism);
    },
    read: (answer) => ({ code: answer.int16(), mechanisms: answer.list(() => answer.string()) }),
  }) satisfies Request<{ readonly code: number; readonly mechanisms: readonly string[] }>;

export interface LoginAnswer {
  readonly code: number;
  readonly token: Buffer;
  /** Milliseconds that the login is good for; 0: no limit. */
  readonly lifetime: number;
}

export const authenticate = (token: Uint8Array) =>
  ({
    name: 'SaslAuthenticate',
    key: 36,
    versions: [0, 1],
    ending: undefined,
    write(out) {
      out.bytes(token);
    },
    read(answer, version) {
      const code = answer.int16();
      answer.string();
      const reply = answer.bytes();
      return { code, token: reply, lifetime: version >= 1 ? Number(answer.int64()) : 0 };
    },
  }) satisfies Request<LoginAnswer>;
