import { ByteWriter } from '../../lib/byte-writer.ts';
import type { Integer } from '../record.ts';
import type { RecordFields, TextValue, TimeValue } from '../record-fields.ts';
import { zeroTime } from '../time/zero-time.ts';
import { wireTypes } from './layout.ts';

/** A field of a message, by its number. */
type Field = (out: ByteWriter, number: number) => void;
type Fields = Readonly<Record<number, Field>>;

/**
 * A record byte for byte as the gateway writes it (tyk-pump.md, "Protobuf"): fields by number, zero values left out,
 * geo, network, latency and the times always there, the statistics of GraphQL and MCP only in records that are such.
 */
export function encodeProtobuf(fields: RecordFields): Buffer {
  const { geo, network, latency, graphql_stats: graph, mcp_stats: mcp } = fields;
  return encode({
    1: text(fields.host),
    2: text(fields.method),
    3: text(fields.path),
    4: text(fields.raw_path),
    5: integer(fields.content_length),
    6: text(fields.user_agent),
    7: integer(fields.day),
    8: integer(fields.month),
    9: integer(fields.year),
    10: integer(fields.hour),
    11: integer(fields.response_code),
    12: text(fields.api_key),
    13: timestamp(fields.timestamp),
    14: text(fields.api_version),
    15: text(fields.api_name),
    16: text(fields.api_id),
    17: text(fields.org_id),
    18: integer(fields.request_time),
    19: message({ 1: integer(latency?.total), 2: integer(latency?.upstream) }),
    20: text(fields.raw_request),
    21: text(fields.raw_response),
    22: text(fields.ip_address),
    23: geoMessage(geo),
    24: message({
      1: integer(network?.open_connections),
      2: integer(network?.closed_connections),
      3: integer(network?.bytes_in),
      4: integer(network?.bytes_out),
    }),
    25: texts(fields.tags),
    26: text(fields.alias),
    27: flag(fields.track_path),
    28: timestamp(fields.expireAt),
    29: text(fields.oauth_id),
    30: text(fields.timestamp?.zone ?? 'UTC'),
    31: text(fields.api_schema),
    32: graph?.IsGraphQL === true ? graphMessage(graph) : absent,
    33:
      mcp?.is_mcp === true
        ? message({
            1: flag(mcp.is_mcp),
            2: text(mcp.jsonrpc_method),
            3: text(mcp.primitive_type),
            4: text(mcp.primitive_name),
          })
        : absent,
    34: text(fields.original_path),
    35: text(fields.listen_path),
  });
}

const geoMessage = (geo: RecordFields['geo']): Field =>
  message({
    1: message({ 1: text(geo?.country?.iso_code) }),
    2: message({ 1: map(geo?.city?.names, always), 2: integer(geo?.city?.geoname_id) }),
    3: message({
      1: double(geo?.location?.latitude),
      2: double(geo?.location?.longitude),
      3: text(geo?.location?.time_zone),
    }),
  });

const graphMessage = (graph: NonNullable<RecordFields['graphql_stats']>): Field =>
  message({
    1: flag(graph.IsGraphQL),
    2: map(graph.Types, (fields) => message({ 1: texts(fields) })),
    3: integer(graph.OperationType),
    4: text(graph.Variables),
    5: texts(graph.RootFields),
    6: flag(graph.HasErrors),
    7: texts(graph.Errors?.map((error) => error.message)),
  });

function encode(fields: Fields): Buffer {
  const out = new ByteWriter(1_024);
  // Keys that are whole numbers come in their order.
  for (const [number, write] of Object.entries(fields)) write(out, Number(number));
  return out.take();
}

const absent: Field = () => undefined;

const message =
  (fields: Fields): Field =>
  (out, number) =>
    writeBytes(out, number, encode(fields));

const text =
  (value: TextValue = ''): Field =>
  (out, number) => {
    if (value.length > 0) always(value)(out, number);
  };

/** Also an empty one, as entries of maps and items of lists have it. */
const always =
  (value: TextValue): Field =>
  (out, number) =>
    writeBytes(out, number, typeof value === 'string' ? Buffer.from(value) : value);

const texts =
  (values: readonly TextValue[] | null | undefined): Field =>
  (out, number) => {
    for (const value of values ?? []) always(value)(out, number);
  };

const map =
  <T>(entries: Readonly<Record<string, T>> | null | undefined, value: (item: T) => Field): Field =>
  (out, number) => {
    for (const [key, item] of Object.entries(entries ?? {})) {
      message({ 1: always(key), 2: value(item) })(out, number);
    }
  };

const integer =
  (value: Integer = 0): Field =>
  (out, number) => {
    if (BigInt(value) === 0n) return;
    writeTag(out, number, wireTypes.varint);
    writeVarint(out, BigInt.asUintN(64, BigInt(value)));
  };

const flag =
  (value = false): Field =>
  (out, number) =>
    integer(value ? 1 : 0)(out, number);

const double =
  (value = 0): Field =>
  (out, number) => {
    if (Object.is(value, 0)) return;
    writeTag(out, number, wireTypes.fixed64);
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    out.bytes(bytes);
  };

const timestamp = ({ seconds, nanos = 0 }: TimeValue = zeroTime): Field =>
  message({ 1: integer(seconds), 2: integer(nanos) });

function writeBytes(out: ByteWriter, number: number, bytes: Uint8Array): void {
  writeTag(out, number, wireTypes.bytes);
  writeVarint(out, BigInt(bytes.length));
  out.bytes(bytes);
}

function writeTag(out: ByteWriter, number: number, wireType: number): void {
  writeVarint(out, BigInt(number * 8 + wireType));
}

function writeVarint(out: ByteWriter, value: bigint): void {
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) out.byte(Number(rest & 0x7fn) | 0x80);
  out.byte(Number(rest));
}
