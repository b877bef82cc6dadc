import { bytes, millis } from '#pump';
import type { Settings } from './settings.ts';

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
