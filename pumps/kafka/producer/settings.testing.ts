import { millis, secret } from '#pump';
import type { PasswordLogin, ProducerSettings } from './settings.ts';

/** Unremarkable settings; only those a test cares about differ. */
export const producerSettings = (overrides: Partial<ProducerSettings> = {}): ProducerSettings => ({
  brokers: ['localhost:9092'],
  clientId: 'test',
  topic: 'calls',
  timeout: millis(1_000),
  compression: 'none',
  login: undefined,
  transactionalId: undefined,
  ...overrides,
});

/** A login as the options make it. */
export function aLogin(password: string): PasswordLogin {
  const reading = secret({ doc: '', default: '' }).read(password);
  if (!reading.ok) throw new Error('This is no password.');
  return { mechanism: 'plain', username: 'me', password: reading.value };
}
