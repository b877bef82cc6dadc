import type { FoundPump, Pump } from '#pump';

/** Every pump there is, by type. An unconfigured one is never loaded, nor is its client library. */
const pumps: Readonly<Record<string, () => Promise<{ readonly default: Pump }>>> = {
  clickhouse: () => import('./clickhouse/index.ts'),
  csv: () => import('./csv/index.ts'),
  dogstatsd: () => import('./dogstatsd/index.ts'),
  dummy: () => import('./dummy/index.ts'),
  elasticsearch: () => import('./elasticsearch/index.ts'),
  file: () => import('./file/index.ts'),
  har: () => import('./har/index.ts'),
  http: () => import('./http/index.ts'),
  influx: () => import('./influx/index.ts'),
  influx2: () => import('./influx2/index.ts'),
  kafka: () => import('./kafka/index.ts'),
  model: () => import('./model/index.ts'),
  mongo: () => import('./mongo/index.ts'),
  'mongo-graph': () => import('./mongo-graph/index.ts'),
  'mongo-mcp': () => import('./mongo-mcp/index.ts'),
  'mongo-mcp-aggregate': () => import('./mongo-mcp-aggregate/index.ts'),
  'mongo-pump-aggregate': () => import('./mongo-pump-aggregate/index.ts'),
  'mongo-pump-selective': () => import('./mongo-pump-selective/index.ts'),
  otlp: () => import('./otlp/index.ts'),
  prometheus: () => import('./prometheus/index.ts'),
  s3: () => import('./s3/index.ts'),
  sql: () => import('./sql/index.ts'),
  'sql-graph': () => import('./sql-graph/index.ts'),
  'sql-mcp': () => import('./sql-mcp/index.ts'),
  sql_aggregate: () => import('./sql_aggregate/index.ts'),
  'sql-graph-aggregate': () => import('./sql-graph-aggregate/index.ts'),
  'sql-mcp-aggregate': () => import('./sql-mcp-aggregate/index.ts'),
  statsd: () => import('./statsd/index.ts'),
  splunk: () => import('./splunk/index.ts'),
  stdout: () => import('./stdout/index.ts'),
  syslog: () => import('./syslog/index.ts'),
  traffic: () => import('./traffic/index.ts'),
  'uptime-mongo': () => import('./uptime-mongo/index.ts'),
  'uptime-sql': () => import('./uptime-sql/index.ts'),
};

export const pumpTypes: readonly string[] = Object.keys(pumps);

/** Types that Tyk Pump has and this version does not: an entry of one of them is a gap, not a typing mistake. */
const missing: ReadonlySet<string> = new Set([
  'graylog',
  'hybrid',
  'kinesis',
  'logzio',
  'moesif',
  'resurfaceio',
  'segment',
  'sqs',
  'timestream',
]);

/** Loads the pump of a type, as it is written in the configuration. */
export async function findPump(type: string): Promise<FoundPump> {
  const load = Object.hasOwn(pumps, type) ? pumps[type] : undefined;
  if (load !== undefined) return { outcome: 'found', pump: (await load()).default };
  return { outcome: missing.has(type) ? 'missing' : 'unknown' };
}
