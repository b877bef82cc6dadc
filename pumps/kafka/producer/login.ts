import { expectNoError, KafkaError } from './kafka-error.ts';
import { Scram } from './scram.ts';
import type { Login } from './settings.ts';
import { authenticate, handshake } from './wire/login-requests.ts';
import type { Request } from './wire/requests.ts';

/** A connection that is not logged in yet. */
export interface Stranger {
  /** Whether the broker has such requests. */
  knows(key: number): boolean;
  send<T>(request: Request<T>, options?: { readonly mostVersion?: number | undefined }): Promise<T>;
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
  const { code } = await connection.send(greeting, { mostVersion: isWrapped ? undefined : 0 });
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
  if (login.mechanism === 'oauthbearer') {
    const token = await login.token().catch((cause: unknown) => {
      throw unauthorised(`no token for ${what}`, cause);
    });
    const answer = await exchange(Buffer.from(`n,,\u0001auth=Bearer ${token}\u0001\u0001`));
    if (answer.length === 0) return;
    // Why it is refused, as JSON. The broker ends the login once it was heard.
    await exchange(Buffer.from('\u0001'));
    throw unauthorised(`SASL_AUTHENTICATION_FAILED: ${what}: the broker refuses the token`);
  }
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
    throw unauthorised(`SASL_AUTHENTICATION_FAILED: ${what}: the broker does not prove itself`);
}

const unauthorised = (message: string, cause?: unknown): KafkaError =>
  new KafkaError(message, { kind: 'unauthorised', isPassing: false, cause });
