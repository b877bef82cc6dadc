/** What is known of one session of TLS, as far as reading it needs. Never in a log, a record or a metric. */
export type SessionSecrets =
  | { readonly version: 'TLSv1.2'; readonly master: Buffer }
  | {
      readonly version: 'TLSv1.3';
      /** The client's first. */
      readonly handshake: readonly [Buffer, Buffer];
      readonly traffic: readonly [Buffer, Buffer];
    };

/** Who waits for the secrets of a session. */
export interface Waiting {
  /** More is known of it. */
  readonly look: () => void;
  /** Nothing came in time. */
  readonly giveUp: () => void;
}

/** Where secrets come from. */
export interface SecretSource {
  /** Of the session whose ClientHello has this random; undefined: not all that is needed is known. */
  of(random: Uint8Array, version: SessionSecrets['version']): SessionSecrets | undefined;
  /** True: somebody may still say them, so one of the two is called later. False: nothing more comes. */
  wait(random: Uint8Array, waiting: Waiting): boolean;
}
