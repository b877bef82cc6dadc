import { digestOf } from '../../../lib/digest.ts';
import type { CaptureConfig } from '../config/load.ts';

/** What a process is made with: changed in the file, it takes effect at the next start. By the names that the operator knows. */
const fixed: Readonly<Record<string, (config: CaptureConfig) => unknown>> = {
  storage: ({ storage }) => storage,
  pumps: ({ pumps }) => pumps,
  to: ({ options }) => options.to,
  workers: ({ options }) => options.workers,
  'record.encoding': ({ options }) => options.record.encoding,
  'record.split_keys': ({ options }) => options.record.split_keys,
  'record.expiry': ({ options }) => options.record.expiry,
  'record.flush': ({ options }) => options.record.flush,
  'record.queue': ({ options }) => options.record.queue,
  'record.bodies_total': ({ options }) => options.record.bodies_total,
  'admin.listen': ({ options }) => options.admin.listen,
  log_format: ({ options }) => options.log_format,
  shutdown_timeout: ({ options }) => options.shutdown_timeout,
};

export const fixedChanges = (before: CaptureConfig, after: CaptureConfig): readonly string[] =>
  Object.entries(fixed)
    .filter(([, of]) => digestOf(of(before)) !== digestOf(of(after)))
    .map(([name]) => name);
