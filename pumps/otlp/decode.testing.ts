/** Requests of OTLP as plain objects, by the names of OTLP's JSON: for tests, written from the schema and not from the encoder. */

type Kind =
  | 'text'
  | 'hex'
  | 'integer'
  | 'fixed64'
  | 'fixed32'
  | 'double'
  | 'flag'
  | 'longs'
  | 'doubles';
interface Message {
  readonly [field: number]: readonly [name: string, kind: Kind | (() => Message), many?: 'many'];
}

const anyValue: Message = {
  1: ['stringValue', 'text'],
  2: ['boolValue', 'flag'],
  3: ['intValue', 'integer'],
  4: ['doubleValue', 'double'],
  5: ['arrayValue', () => ({ 1: ['values', () => anyValue, 'many'] })],
  6: ['kvlistValue', () => ({ 1: ['values', () => keyValue, 'many'] })],
};
const keyValue: Message = { 1: ['key', 'text'], 2: ['value', () => anyValue] };
const resource: Message = {
  1: ['attributes', () => keyValue, 'many'],
  2: ['droppedAttributesCount', 'integer'],
};
const scope: Message = {
  1: ['name', 'text'],
  2: ['version', 'text'],
  4: ['droppedAttributesCount', 'integer'],
};
const logRecord: Message = {
  1: ['timeUnixNano', 'fixed64'],
  2: ['severityNumber', 'integer'],
  3: ['severityText', 'text'],
  5: ['body', () => anyValue],
  6: ['attributes', () => keyValue, 'many'],
  7: ['droppedAttributesCount', 'integer'],
  8: ['flags', 'fixed32'],
  9: ['traceId', 'hex'],
  10: ['spanId', 'hex'],
  11: ['observedTimeUnixNano', 'fixed64'],
};
const point: Message = {
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['bucketCounts', 'longs'],
  7: ['explicitBounds', 'doubles'],
  9: ['attributes', () => keyValue, 'many'],
  11: ['min', 'double'],
  12: ['max', 'double'],
};
const metric: Message = {
  1: ['name', 'text'],
  2: ['description', 'text'],
  3: ['unit', 'text'],
  9: [
    'histogram',
    () => ({ 1: ['dataPoints', () => point, 'many'], 2: ['aggregationTemporality', 'integer'] }),
  ],
};
const scoped = (name: string, inner: Message): Message => ({
  1: ['scope', () => scope],
  2: [name, () => inner, 'many'],
  3: ['schemaUrl', 'text'],
});
const within = (name: string, inner: Message): Message => ({
  1: ['resource', () => resource],
  2: [name, () => inner, 'many'],
  3: ['schemaUrl', 'text'],
});
const logsRequest: Message = {
  1: ['resourceLogs', () => within('scopeLogs', scoped('logRecords', logRecord)), 'many'],
};
const metricsRequest: Message = {
  1: ['resourceMetrics', () => within('scopeMetrics', scoped('metrics', metric)), 'many'],
};

interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: bigint;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
}
export interface Attribute {
  readonly key: string;
  readonly value: AnyValue;
}
export interface SentLog {
  readonly timeUnixNano?: bigint;
  readonly observedTimeUnixNano?: bigint;
  readonly severityNumber?: bigint;
  readonly severityText?: string;
  readonly body?: AnyValue;
  readonly attributes: readonly Attribute[];
  readonly traceId?: string;
  readonly spanId?: string;
  readonly flags?: number;
}
export interface SentPoint {
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
  readonly count: bigint;
  readonly sum: number;
  readonly bucketCounts: readonly bigint[];
  readonly explicitBounds: readonly number[];
  readonly attributes?: readonly Attribute[];
}
export interface SentMetric {
  readonly name: string;
  readonly unit: string;
  readonly histogram: {
    readonly dataPoints?: readonly SentPoint[];
    readonly aggregationTemporality: bigint;
  };
}
interface Resource {
  readonly resource: { readonly attributes: readonly Attribute[] };
}
export interface LogsRequest {
  readonly resourceLogs?: readonly (Resource & {
    readonly scopeLogs: readonly { readonly logRecords: readonly SentLog[] }[];
  })[];
}
export interface MetricsRequest {
  readonly resourceMetrics?: readonly (Resource & {
    readonly scopeMetrics: readonly { readonly metrics: readonly SentMetric[] }[];
  })[];
}

export const decodeLogs = (bytes: Uint8Array): LogsRequest => decode(bytes, logsRequest);
export const decodeMetrics = (bytes: Uint8Array): MetricsRequest => decode(bytes, metricsRequest);

/** All log records of a request, in their order. */
export const logsIn = (bytes: Uint8Array): readonly SentLog[] =>
  (decodeLogs(bytes).resourceLogs ?? []).flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) => logRecords),
  );

export const metricsIn = (bytes: Uint8Array): readonly SentMetric[] =>
  (decodeMetrics(bytes).resourceMetrics ?? []).flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) => metrics),
  );

/** By their names, as JavaScript has them. */
export const attributesOf = (
  attributes: readonly Attribute[] = [],
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));

function plain(value: AnyValue): unknown {
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plain);
  const { intValue } = value;
  if (intValue !== undefined) return Number(intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}

const implicit: ReadonlySet<string> = new Set([
  ...['droppedAttributesCount', 'flags', 'severityNumber'],
]);

/** Throws for what is not of the schema: nothing is passed over. */
function decode(bytes: Uint8Array, message: Message): Record<string, unknown> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const result: Record<string, unknown> = {};
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < buffer.length) {
    const tag = Number(varint());
    const found = message[tag >> 3];
    if (found === undefined) throw new Error(`no field ${tag >> 3}`);
    const [name, kind, many] = found;
    let value: unknown;
    switch (tag & 7) {
      case 0: {
        const number = varint();
        value = kind === 'flag' ? number !== 0n : BigInt.asIntN(64, number);
        break;
      }
      case 1:
        value = kind === 'double' ? buffer.readDoubleLE(at) : buffer.readBigUInt64LE(at);
        at += 8;
        break;
      case 5:
        value = buffer.readUInt32LE(at);
        at += 4;
        break;
      case 2: {
        const size = Number(varint());
        const content = buffer.subarray(at, at + size);
        if (content.length < size) throw new Error(`${name} is cut off`);
        at += size;
        value = contentOf(content, kind);
        break;
      }
      default:
        throw new Error(`wire type ${tag & 7}`);
    }
    // What is left out is 0, and 0 may be left out.
    if (implicit.has(name) && Number(value) === 0) continue;
    if (many === undefined) result[name] = value;
    else result[name] = [...((result[name] as unknown[] | undefined) ?? []), value];
  }
  return result;
}

function contentOf(content: Buffer, kind: Kind | (() => Message)): unknown {
  if (typeof kind === 'function') return decode(content, kind());
  const eights = Array.from({ length: content.length / 8 }, (_, index) => index * 8);
  switch (kind) {
    case 'text':
      return new TextDecoder('utf8', { fatal: true }).decode(content);
    case 'hex':
      return content.toString('hex');
    case 'longs':
      return eights.map((at) => content.readBigUInt64LE(at));
    case 'doubles':
      return eights.map((at) => content.readDoubleLE(at));
    default:
      throw new Error(`${kind} has no size`);
  }
}
