import { bytes, millis } from '#pump';
import { options } from './options.ts';
import type { Login, Settings } from './settings.ts';

/** Unremarkable settings; only those a test cares about differ. */
export const aSettings = (overrides: Partial<Settings> = {}): Settings => ({
  brokers: ['localhost:9092'],
  clientId: 'test',
  topic: 'calls',
  timeout: millis(1_000),
  compression: 'none',
  metaData: {},
  login: undefined,
  batchBytes: bytes(1024 ** 2),
  partitionBy: 'none',
  messageKey: 'none',
  transactionalId: undefined,
  ...overrides,
});

/** A login as the options make it. */
export function aLogin(password: string): Login {
  const reading = options.sasl_password.read(password);
  if (!reading.ok) throw new Error('This is no password.');
  return { mechanism: 'plain', username: 'me', password: reading.value };
}
