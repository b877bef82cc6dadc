import type { Millis, Secret } from '#pump';

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

export type Login = PasswordLogin | TokenLogin;

export interface PasswordLogin {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: Secret;
}

export interface TokenLogin {
  readonly mechanism: 'oauthbearer';
  /** One that is good now; asked for at every login. */
  readonly token: () => Promise<string>;
}

/** What a producer is told. */
export interface ProducerSettings {
  /** Where to begin, as `host:port`. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly topic: string;
  /** Longest wait for a connection and for an answer. */
  readonly timeout: Millis;
  readonly compression: Compression;
  readonly login: Login | undefined;
  /** Undefined: no transactions. */
  readonly transactionalId: string | undefined;
}
