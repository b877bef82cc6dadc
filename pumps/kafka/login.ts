import { expectNoError, KafkaError } from './client-error.ts';
import { authenticate, handshake } from './login-requests.ts';
import type { Request } from './requests.ts';
import { Scram } from './scram.ts';
import type { Login } from './settings.ts';

/** A connection that is not logged in yet. */
export interface Stranger {
  /** Whether the broker has such requests. */
  knows(key: number): boolean;
  send<T>(request: Request<T>, mostVersion?: number): Promise<T>;
  sendToken(token: Buffer): Promise<Buffer>;
}

/** Sends a token; gives the broker's. */
type Exchange = (token: Buffer) => Promise<Buffer>;

/** Logs in. Gives the milliseconds until the broker wants a new login; 0: never. Throws a KafkaError. */
export async function logIn(connection: Stranger, login: Login, address: string): Promise<number> {
  const what = `the login at ${address}`;
  // Brokers before 1.0 take bare tokens, after the older greeting.
  const isWrapped = connection.knows(authenticate(Buffer.alloc(0)).key);
  const greeting = handshake(login.mechanism.toUpperCase());
  const { code } = await connection.send(greeting, isWrapped ? undefined : 0);
  expectNoError(code, what);
  let lifetime = 0;
  const exchange: Exchange = async (token) => {
    if (!isWrapped) return connection.sendToken(token);
    const answer = await connection.send(authenticate(token));
    expectNoError(answer.code, what);
    ({ lifetime } = answer);
    return answer.token;
  };
  await prove(login, exchange, what);
  return lifetime;
}

async function prove(login: Login, exchange: Exchange, what: string): Promise<void> {
  const { mechanism, username, password } = login;
  if (mechanism === 'plain') {
    await exchange(Buffer.from(`\0${username}\0${password.reveal()}`));
    return;
  }
  const hash = mechanism === 'scram-sha-512' ? 'sha512' : 'sha256';
  const scram = new Scram({ hash, username, password: password.reveal() });
  const challenge = await exchange(Buffer.from(scram.first()));
  const proof = await scram.final(challenge.toString());
  const answer = proof === undefined ? undefined : await exchange(Buffer.from(proof));
  if (answer === undefined || !scram.isGenuine(answer.toString()))
    throw new KafkaError(`SASL_AUTHENTICATION_FAILED: ${what}: the broker does not prove itself`, {
      kind: 'unauthorised',
      isPassing: false,
    });
}
