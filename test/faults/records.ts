import { csvDocument } from '#pump';
import { tableOf } from '../../pumps/csv/encode.ts';
import { documentShape } from '../../pumps/elasticsearch/encode.ts';
import { recordAt } from '../../src/cli/traffic/traffic.ts';
import { ByteWriter } from '../../src/lib/byte-writer.ts';
import { millis } from '../../src/lib/units.ts';
import { encodeMsgpack } from '../../src/record/encode/msgpack.ts';
import { encodeProtobuf } from '../../src/record/encode/protobuf.ts';
import type { RecordFields } from '../../src/record/encode/record-fields.ts';
import { encodeUptime } from '../../src/record/encode/uptime.ts';
import { jsonWriter } from '../../src/record/json/write.ts';
import type { AnalyticsRecord } from '../../src/record/record.ts';
import { decodeRecord } from '../../src/record/testing.ts';
import { digestOf } from './digest.ts';
import type { Load, SinkForm, SumsForm } from './schedule.ts';

/** The gateway's lists that a run pushes to, in both encodings. */
const shards = ['', '_2', '_9'] as const;
const prefix = 'analytics-tyk-system-analytics';

const uptimeList = 'host-checker:tyk-uptime-analytics';

export const isGatewayList = (key: string): boolean => key.startsWith(prefix) || key === uptimeList;

/** Every list of calls a run may push to. */
export const gatewayLists: readonly string[] = shards.flatMap((shard) => [
  `${prefix}${shard}`,
  `${prefix}${shard}_protobuf`,
]);

export interface Element {
  readonly key: string;
  readonly bytes: Buffer;
}

/** Record `index` of a run: realistic, its alias says which one it is. */
export function elementAt(index: number, kind: Load['kind'] = 'calls'): Element {
  if (kind === 'uptime') return { key: uptimeList, bytes: encodeUptime(uptimeAt(index)) };
  const isProtobuf = index % 2 === 1;
  const key = gatewayLists[index % gatewayLists.length] ?? prefix;
  const fields = fieldsAt(index);
  return { key, bytes: isProtobuf ? encodeProtobuf(fields) : encodeMsgpack(fields) };
}

/** One look of the gateway at an upstream: of seven, over three hours. */
const uptimeAt = (index: number) => ({
  ...{ url: `http://up-${index % 7}.example.com/`, org_id: 'org' },
  ...{ response_code: index % 5 === 0 ? 503 : 200, request_time: index % 97 },
  timestamp: { seconds: 1_760_000_000 + (index % 10_800) },
});

function fieldsAt(index: number): RecordFields {
  const options = { seed: 7, size: 0, firstAt: millis(1_760_000_000_000), interval: 5 };
  return { ...recordAt(index, options), alias: `record-${index}` };
}

/** Whether such a sink stores record `index`: calls of MCP, and for sums those of GraphQL, have pumps of their own. */
export function isMeantFor(index: number, form: SinkForm): boolean {
  if (form === 'bulk' || form === 'csv' || form === 'uptime') return true;
  const { graphql_stats: graph, mcp_stats: mcp } = fieldsAt(index);
  return mcp?.is_mcp !== true && (form === 'sql' || graph?.IsGraphQL !== true);
}

/** Something that no decoder takes for a record. */
export function badElementAt(index: number, kind: Load['kind']): Element {
  const key =
    kind === 'uptime' ? uptimeList : (gatewayLists[index % gatewayLists.length] ?? prefix);
  return { key, bytes: Buffer.from(`\x0fno record ${index}`) };
}

/** Which record a document, a row or the gateway's bytes are. */
export function indexIn(text: Uint8Array): number | undefined {
  const [, index] = /record-(\d+)/.exec(Buffer.from(text).toString('latin1')) ?? [];
  return index === undefined ? undefined : Number(index);
}

/** What a sink must have received for record `index`: a pure function of it, apart from the pump under test. */
export function expectedDigest(index: number, form: Exclude<SinkForm, SumsForm>): string {
  const record = recordOf(index);
  if (form === 'sql') return digestOf(Buffer.from(JSON.stringify(sqlTexts(record))));
  const out = new ByteWriter();
  write[form](record, out);
  return digestOf(out.take());
}

/** What sums say of record `index`: under which value it counts, and its milliseconds. */
export function countedAt(
  index: number,
  form: SumsForm,
): { readonly value: string; readonly requestTime: number } {
  if (form === 'uptime') {
    const { url, request_time } = uptimeAt(index);
    return { value: url, requestTime: request_time };
  }
  const record = recordOf(index);
  return { value: record.text('api_id'), requestTime: Number(record.integer('request_time')) };
}

/** As the pump finds it. */
const recordOf = (index: number): AnalyticsRecord =>
  decodeRecord(elementAt(index).bytes, index % 2 === 1 ? 'protobuf' : 'msgpack');

/** Of a row, what is compared. */
export const sqlColumns = [
  ...['alias', 'method', 'host', 'path', 'rawpath', 'useragent', 'apikey', 'apiid', 'orgid'],
  ...['ipaddress', 'responsecode', 'requesttime', 'contentlength'],
] as const;

const sqlTexts = (record: AnalyticsRecord): readonly string[] => [
  ...(['alias', 'method', 'host', 'path', 'raw_path', 'user_agent', 'api_key'] as const).map(
    (field) => record.text(field),
  ),
  ...(['api_id', 'org_id', 'ip_address'] as const).map((field) => record.text(field)),
  ...(['response_code', 'request_time', 'content_length'] as const).map((field) =>
    String(record.integer(field)),
  ),
];

const shape = documentShape({ extendedStats: false, decodeBase64: false });
const write: Readonly<Record<'bulk' | 'csv', (record: AnalyticsRecord, out: ByteWriter) => void>> =
  {
    bulk: jsonWriter(shape),
    csv: tableOf(csvDocument, { formulas: 'keep' }).writeRow,
  };
