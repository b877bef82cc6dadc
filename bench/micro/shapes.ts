/**
 * How fast records are scanned and written, on one core and with nothing around it; and how much the fast ways are
 * worth, against the plain ones they replace. Run with `npx tsx --conditions=source bench/micro/shapes.ts`, alone or
 * with a word that the names of the wanted lines contain.
 */
import { ByteWriter } from '../../src/lib/byte-writer.ts';
import { fullCsvColumns } from '../../src/record/csv/columns.ts';
import { interpretCsvRow } from '../../src/record/csv/interpret.ts';
import { csvWriter } from '../../src/record/csv/write.ts';
import { encodeMsgpack } from '../../src/record/encode/msgpack.ts';
import { encodeProtobuf } from '../../src/record/encode/protobuf.ts';
import { fullShape } from '../../src/record/full-shape.ts';
import { interpretGoText } from '../../src/record/go-text/interpret.ts';
import { goTextWriter } from '../../src/record/go-text/write.ts';
import { interpretJson } from '../../src/record/json/interpret.ts';
import { jsonWriter } from '../../src/record/json/write.ts';
import { msgpackDecoder } from '../../src/record/msgpack/decoder.ts';
import { scanRecord } from '../../src/record/msgpack/scan.ts';
import { protobufDecoder } from '../../src/record/protobuf/decoder.ts';
import type { AnalyticsRecord, Decoder } from '../../src/record/record.ts';
import type { Shape } from '../../src/record/shape.ts';
import { slotCount } from '../../src/record/slots.ts';
import { callOf, inOneBuffer } from './records.ts';

const [recordCount, rounds, millisPerRound] = [1_000, 9, 60];

/** One way to do something with all records. */
type Way = () => void;

interface Line {
  readonly name: string;
  readonly fast: Way;
  /** What it is compared to. */
  readonly plain?: Way;
}

const calls = Array.from({ length: recordCount }, (_, index) => index);
const small = calls.map((index) => callOf(index));
const large = calls.map((index) => callOf(index, 9_000));
const elements = {
  msgpack: inOneBuffer(small.map(encodeMsgpack)),
  protobuf: inOneBuffer(small.map(encodeProtobuf)),
  large: inOneBuffer(large.map(encodeMsgpack)),
};

const recordsOf = (decoder: Decoder, from: readonly Buffer[]): readonly AnalyticsRecord[] => {
  const chunk = decoder.decode(from);
  return from.flatMap((_, index) => chunk.record(index) ?? []);
};
const records = {
  msgpack: recordsOf(msgpackDecoder, elements.msgpack),
  protobuf: recordsOf(protobufDecoder, elements.protobuf),
  large: recordsOf(msgpackDecoder, elements.large),
};

/** Twenty of the fields, as the documents of Elasticsearch and Kafka have them. */
const searchShape: Shape = fullShape.filter(
  ({ key, value }) =>
    value.form !== 'object' &&
    !/^(day|month|year|hour|raw_re|track|expire|.*_path$|api_sch)/.test(key),
);

const out = new ByteWriter(1 << 24);
type Write = (record: AnalyticsRecord, out: ByteWriter) => void;
const writeAll =
  (from: readonly AnalyticsRecord[], write: Write): Way =>
  () => {
    out.clear();
    for (const record of from) write(record, out);
  };

const slots = new Int32Array(slotCount);
const scanAll =
  (decoder: Decoder, from: readonly Buffer[]): Way =>
  () =>
    recordsOf(decoder, from);

const json = (name: string, shape: Shape, from: readonly AnalyticsRecord[]): Line => ({
  name,
  fast: writeAll(from, jsonWriter(shape)),
  plain: writeAll(from, (record) => interpretJson(shape, record, out)),
});
const csv = (name: string, from: readonly AnalyticsRecord[]): Line => ({
  name,
  fast: writeAll(from, csvWriter(fullCsvColumns)),
  plain: writeAll(from, (record) => interpretCsvRow(fullCsvColumns, record, out)),
});

const writeSearchDocument = jsonWriter(searchShape);
const lines: readonly Line[] = [
  {
    name: 'scan msgpack, 1 KB',
    fast: scanAll(msgpackDecoder, elements.msgpack),
    plain() {
      for (const bytes of elements.msgpack) scanRecord(bytes, slots.fill(0), 0);
    },
  },
  { name: 'scan msgpack, 10 KB', fast: scanAll(msgpackDecoder, elements.large) },
  { name: 'scan protobuf, 1 KB', fast: scanAll(protobufDecoder, elements.protobuf) },
  json('JSON of 20 fields, msgpack', searchShape, records.msgpack),
  json('JSON of 20 fields, protobuf', searchShape, records.protobuf),
  json('JSON of all fields, 1 KB', fullShape, records.msgpack),
  json('JSON of all fields, 10 KB', fullShape, records.large),
  csv('CSV, msgpack', records.msgpack),
  csv('CSV, protobuf', records.protobuf),
  csv('CSV, 10 KB', records.large),
  {
    name: 'Go text',
    fast: writeAll(records.msgpack, goTextWriter()),
    plain: writeAll(records.msgpack, interpretGoText),
  },
  {
    name: 'scan and JSON of 20 fields',
    fast: () => writeAll(recordsOf(msgpackDecoder, elements.msgpack), writeSearchDocument)(),
  },
];

/** Records per second of processor time. */
function rateOf(way: Way): number {
  const start = process.cpuUsage();
  let done = 0;
  for (;;) {
    way();
    done += recordCount;
    const micros = process.cpuUsage(start).user;
    if (micros >= millisPerRound * 1_000) return (done * 1e6) / micros;
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Fast and plain take turns, for the machine's speed changes; the first rounds warm up. */
function measure({ name, fast, plain }: Line): Record<string, string> {
  const rates = { fast: [] as number[], plain: [] as number[] };
  for (let round = -2; round < rounds; round++) {
    const fastRate = rateOf(fast);
    const plainRate = plain === undefined ? 0 : rateOf(plain);
    if (round < 0) continue;
    rates.fast.push(fastRate);
    rates.plain.push(plainRate);
  }
  const [fastRate, plainRate] = [median(rates.fast), median(rates.plain)];
  const shown = (rate: number): string => (rate === 0 ? '' : `${Math.round(rate / 1_000)} k/s`);
  return {
    '': name,
    compiled: shown(fastRate),
    plain: shown(plainRate),
    ratio: plainRate === 0 ? '' : (fastRate / plainRate).toFixed(2),
  };
}

process.env['TZ'] = 'UTC';
const wanted = process.argv[2] ?? '';
console.table(lines.filter(({ name }) => name.includes(wanted)).map(measure));
