import { ByteWriter, type Entry, type Millis, writeJsonText } from '#pump';
import { pointNanos, writeNanos } from '../shared/line-protocol/point-time.ts';
import type { Settings } from './settings.ts';

/** A body and the records that are in it, in their order. */
export interface Portion {
  readonly entries: readonly Entry[];
  readonly body: Buffer;
}

/** Writes records as bodies, which lie in `out`: as many as the limits of a request want. */
export type Encoder = (
  entries: readonly Entry[],
  now: Millis,
  out: ByteWriter,
) => readonly Portion[];

type Part = Pick<Settings, 'format' | 'body' | 'around' | 'labels' | 'records' | 'bytes'>;

export function createEncoder(settings: Part): Encoder {
  return settings.format === 'loki' ? streamsEncoder(settings) : documentsEncoder(settings);
}

/** What stands before the first record of a body, between two, and behind the last. */
const frames = {
  ndjson: () => ['', '\n', '\n'],
  single: () => ['', '', ''],
  json: ([before, after]: Part['around']) => [before, ',', after],
} as const;

function documentsEncoder(settings: Part): Encoder {
  const { format, body, around, records, bytes } = settings;
  const [before, between, after] = frames[format === 'loki' ? 'json' : format](around).map((text) =>
    Buffer.from(text),
  ) as [Buffer, Buffer, Buffer];
  const most = format === 'single' ? 1 : records;
  // The next record, before it is known which body it belongs to.
  const document = new ByteWriter();
  return (entries, _, out) => {
    const parts: Cut[] = [];
    let [from, start] = [0, out.length];
    const close = (to: number): void => {
      out.bytes(after);
      parts.push({ from, to, start, end: out.length });
      [from, start] = [to, out.length];
    };
    for (const [at, entry] of entries.entries()) {
      document.clear();
      body(entry, document);
      const size = out.length - start + between.length + document.length + after.length;
      if (at > from && (at - from >= most || size > bytes)) close(at);
      out.bytes(at === from ? before : between);
      out.bytes(document.view());
    }
    close(entries.length);
    return portions(entries, parts, out);
  };
}

/** Records from one to another, and where their body lies. */
interface Cut {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

function portions(
  entries: readonly Entry[],
  parts: readonly Cut[],
  out: ByteWriter,
): readonly Portion[] {
  const all = out.view();
  return parts.map(({ from, to, start, end }) => ({
    entries: entries.slice(from, to),
    body: all.subarray(start, end),
  }));
}

/**
 * Bodies of Loki: records by stream, `{"stream":{…},"values":[["<nanoseconds>","<line>"],…]}`.
 *
 * Loki takes an entry of the same stream, time and line for the same entry. So the time is that of the record with its number
 * in the digits behind the milliseconds: two calls of one millisecond stay two, and a repeat is stored once.
 */
function streamsEncoder({ body, labels, around, records, bytes }: Part): Encoder {
  const [before, after] = around.map((text) => Buffer.from(text)) as [Buffer, Buffer];
  const values = new ByteWriter();
  const text = new ByteWriter();
  return (entries, now, out) => {
    values.clear();
    const rows = entries.map((entry) => {
      text.clear();
      labels(entry, text);
      const stream = text.view().toString('utf8');
      const start = values.length;
      const nanos = pointNanos(entry.record.time('timestamp'), entry) ?? writeNanos(now, entry);
      values.ascii(`["${nanos}",`);
      text.clear();
      body(entry, text);
      writeJsonText(values, text.view(), 0, text.length);
      values.byte(0x5d);
      return { stream, start, end: values.length };
    });
    const written = values.view();
    const parts: Cut[] = [];
    for (let from = 0; from < rows.length; ) {
      const to = endOf(rows, from, { records, bytes });
      const start = out.length;
      out.bytes(before);
      writeStreams(rows.slice(from, to), written, out);
      out.bytes(after);
      parts.push({ from, to, start, end: out.length });
      from = to;
    }
    return portions(entries, parts, out);
  };
}

interface Row {
  readonly stream: string;
  readonly start: number;
  readonly end: number;
}

/** Of a stream, `{"stream":` and so on; a comma. */
const aroundStream = 32;

function endOf(
  rows: readonly Row[],
  from: number,
  { records, bytes }: { readonly records: number; readonly bytes: number },
): number {
  const streams = new Set<string>();
  let size = 0;
  for (let at = from; at < rows.length; at++) {
    const { stream, start, end } = rows[at] as Row;
    if (!streams.has(stream)) size += 3 * stream.length + aroundStream;
    streams.add(stream);
    size += end - start + 1;
    if (at > from && (at - from >= records || size > bytes)) return at;
  }
  return rows.length;
}

function writeStreams(rows: readonly Row[], written: Buffer, out: ByteWriter): void {
  const streams = new Map<string, Row[]>();
  for (const row of rows) {
    const found = streams.get(row.stream);
    if (found === undefined) streams.set(row.stream, [row]);
    else found.push(row);
  }
  let isFirst = true;
  for (const [stream, values] of streams) {
    out.utf8(`${isFirst ? '' : ','}{"stream":${stream},"values":[`);
    isFirst = false;
    for (const [at, { start, end }] of values.entries()) {
      if (at > 0) out.byte(0x2c);
      out.bytes(written, start, end);
    }
    out.ascii(']}');
  }
}
