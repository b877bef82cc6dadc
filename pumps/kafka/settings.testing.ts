import { bytes } from '#pump';
import { producerSettings } from './producer/settings.testing.ts';
import type { Settings } from './settings.ts';

/** Unremarkable settings; only those a test cares about differ. */
export const aSettings = (overrides: Partial<Settings> = {}): Settings => ({
  ...producerSettings(),
  metaData: {},
  batchBytes: bytes(1024 ** 2),
  partitionBy: 'none',
  messageKey: 'none',
  ...overrides,
});
