import { rowWriter } from '../../pumps/csv/encode.ts';
import { documentShape } from '../../pumps/elasticsearch/encode.ts';
import { recordAt } from '../../src/cli/traffic/traffic.ts';
import { ByteWriter } from '../../src/lib/byte-writer.ts';
import { millis } from '../../src/lib/units.ts';
import { encodeMsgpack } from '../../src/record/encode/msgpack.ts';
import { encodeProtobuf } from '../../src/record/encode/protobuf.ts';
import { jsonWriter } from '../../src/record/json/write.ts';
import type { AnalyticsRecord } from '../../src/record/record.ts';
import { decodeRecord } from '../../src/record/testing.ts';
import { digestOf } from './digest.ts';

/** The gateway's lists that a run pushes to, in both encodings. */
const shards = ['', '_2', '_9'] as const;
const prefix = 'analytics-tyk-system-analytics';

export const isGatewayList = (key: string): boolean => key.startsWith(prefix);

/** Every gateway list a run may push to. */
export const gatewayLists: readonly string[] = shards.flatMap((shard) => [
  `${prefix}${shard}`,
  `${prefix}${shard}_protobuf`,
]);

export interface Element {
  readonly key: string;
  readonly bytes: Buffer;
}

/** Record `index` of a run: realistic, its alias says which one it is. */
export function elementAt(index: number): Element {
  const isProtobuf = index % 2 === 1;
  const key = gatewayLists[index % gatewayLists.length] ?? prefix;
  const options = { seed: 7, size: 0, firstAt: millis(1_760_000_000_000), interval: 5 };
  const fields = { ...recordAt(index, options), alias: `record-${index}` };
  return { key, bytes: isProtobuf ? encodeProtobuf(fields) : encodeMsgpack(fields) };
}

/** Something that no decoder takes for a record. */
export function badElementAt(index: number): Element {
  const key = gatewayLists[index % gatewayLists.length] ?? prefix;
  return { key, bytes: Buffer.from(`\x0fno record ${index}`) };
}

/** Which record a document, a row or the gateway's bytes are. */
export function indexIn(text: Uint8Array): number | undefined {
  const [, index] = /record-(\d+)/.exec(Buffer.from(text).toString('latin1')) ?? [];
  return index === undefined ? undefined : Number(index);
}

/** What a sink must have received for record `index`: a pure function of it, apart from the pump under test. */
export function expectedDigest(index: number, form: 'bulk' | 'csv'): string {
  const record = decodeRecord(elementAt(index).bytes, index % 2 === 1 ? 'protobuf' : 'msgpack');
  const out = new ByteWriter();
  write[form](record, out);
  return digestOf(out.take());
}

const shape = documentShape({ extendedStats: false, decodeBase64: false });
const write: Readonly<Record<'bulk' | 'csv', (record: AnalyticsRecord, out: ByteWriter) => void>> =
  {
    bulk: jsonWriter(shape),
    csv: rowWriter({ formulas: 'keep' }),
  };
