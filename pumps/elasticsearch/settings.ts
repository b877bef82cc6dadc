import { type Bytes, bytes, type Limits, type Millis, mebibytes, seconds } from '#pump';
import type { Options } from './options.ts';

export type IdScheme = 'record' | 'tyk' | 'tyk_hex' | 'none';

/** The options with Tyk's meaning of empty and 0 worked in. What the other files of this folder are given. */
export interface Settings {
  readonly index: string;
  /** Undefined: MCP records go with the others. */
  readonly mcpIndex: string | undefined;
  readonly type: string;
  readonly roll: 'never' | 'write' | 'record';
  readonly ids: IdScheme;
  readonly isBulk: boolean;
  readonly isDataStream: boolean;
  readonly pipeline: string | undefined;
  readonly template: string | undefined;
  readonly isCompressed: boolean;
  readonly extendedStats: boolean;
  readonly decodeBase64: boolean;
  /** Most bytes of one request's body, before compression. */
  readonly bodyBytes: Bytes;
}

export function settingsOf(options: Options): Settings {
  const isBulk = !options.disable_bulk;
  return {
    index: options.index_name || 'tyk_analytics',
    // Tyk Pump fixes the index before the first record when it sends one by one.
    mcpIndex: isBulk && options.mcp_index_name !== '' ? options.mcp_index_name : undefined,
    type: options.document_type || 'tyk_analytics',
    roll: options.rolling_index ? options.rolling_by : 'never',
    ids: options.document_id ?? (options.generate_id ? 'tyk' : 'record'),
    isBulk,
    isDataStream: options.data_stream,
    pipeline: options.pipeline || undefined,
    template: options.index_template || undefined,
    isCompressed: options.gzip,
    extendedStats: options.extended_stats,
    decodeBase64: options.decode_base64,
    bodyBytes: bodyBytesOf(options),
  };
}

const defaultActions = 1_000;
const defaultSize = mebibytes(5);

/** Most of each. A server takes 100 MiB by default; what is in flight must fit in memory several times. */
export const bulkCeilings = {
  workers: 64,
  bulk_actions: 10_000,
  bulk_size: mebibytes(32),
} as const;

export function limitsOf(options: Options): Limits {
  const { workers, flush_interval, bulk_actions } = options.bulk_config;
  return {
    records: options.disable_bulk
      ? 100
      : within(bulk_actions, defaultActions, bulkCeilings.bulk_actions),
    bytes: bodyBytesOf(options),
    age: ageOf(flush_interval),
    inFlight: workers > 0 ? Math.min(workers, bulkCeilings.workers) : 4,
  };
}

/** Tyk Pump's 0 means "no timer", which keeps the last records of the day for ever. */
const ageOf = (flushInterval: number): Millis => seconds(flushInterval > 0 ? flushInterval : 1);

const bodyBytesOf = (options: Options): Bytes =>
  bytes(within(options.bulk_config.bulk_size, defaultSize, bulkCeilings.bulk_size));

/** 0: the default. −1: unlimited, which is the ceiling here. */
function within(value: number, fallback: number, ceiling: number): number {
  if (value === 0) return fallback;
  return value < 0 ? ceiling : Math.min(value, ceiling);
}
