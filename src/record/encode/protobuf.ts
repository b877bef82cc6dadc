import { ByteWriter } from '../../lib/byte-writer.ts';
import type { FieldTree } from '../field-tree.ts';
import type { Field } from '../fields.ts';
import { fieldTree, graphNumber, mcpNumber, wireTypes, zoneNumber } from '../protobuf/layout.ts';
import { writeBytes, writeTag, writeVarint } from '../protobuf/write-value.ts';
import type { Integer } from '../record.ts';
import { zeroTime } from '../time/zero-time.ts';
import { type RecordFields, type TextValue, type TimeValue, valueIn } from './record-fields.ts';

/** A field of a message, by its number. */
type Member = (out: ByteWriter, number: number) => void;
type Members = Readonly<Record<number, Member>>;

/**
 * A record byte for byte as the gateway writes it (tyk-pump.md, "Protobuf"): fields by number, zero values left out,
 * geo, network, latency and the times always there, the statistics of GraphQL and MCP only in records that are such.
 */
export const encodeProtobuf = (fields: RecordFields): Buffer =>
  encode({
    ...membersOf(fieldTree, fields),
    [zoneNumber]: text(fields.timestamp?.zone ?? 'UTC'),
    ...(fields.graphql_stats?.IsGraphQL === true ? {} : { [graphNumber]: absent }),
    ...(fields.mcp_stats?.is_mcp === true ? {} : { [mcpNumber]: absent }),
  });

const membersOf = (tree: FieldTree<Field>, fields: RecordFields): Members =>
  Object.fromEntries(
    tree.map(({ key, leaf, nodes }) => [
      key,
      leaf === undefined ? message(membersOf(nodes, fields)) : valueOf(leaf, fields),
    ]),
  );

function valueOf(field: Field, fields: RecordFields): Member {
  switch (field.kind) {
    case 'text':
      return text(valueIn(fields, field));
    case 'int32':
    case 'int64':
      return integer(valueIn(fields, field));
    case 'float':
      return double(valueIn(fields, field));
    case 'flag':
      return flag(valueIn(fields, field));
    case 'time':
      return timestamp(valueIn(fields, field));
    case 'list':
      return texts(valueIn(fields, field));
    case 'names':
      return map(valueIn(fields, field), always);
    case 'types':
      return map(valueIn(fields, field), (items) => message({ 1: texts(items) }));
    case 'errors':
      return texts(valueIn(fields, field)?.map((error) => error.message));
  }
  return field satisfies never;
}

function encode(members: Members): Buffer {
  const out = new ByteWriter(1_024);
  // Keys that are whole numbers come in their order.
  for (const [number, write] of Object.entries(members)) write(out, Number(number));
  return out.take();
}

const absent: Member = () => undefined;

const message =
  (members: Members): Member =>
  (out, number) =>
    writeBytes(out, number, encode(members));

const text =
  (value: TextValue = ''): Member =>
  (out, number) => {
    if (value.length > 0) always(value)(out, number);
  };

/** Also an empty one, as entries of maps and items of lists have it. */
const always =
  (value: TextValue): Member =>
  (out, number) =>
    writeBytes(out, number, typeof value === 'string' ? Buffer.from(value) : value);

const texts =
  (values: readonly TextValue[] | null | undefined): Member =>
  (out, number) => {
    for (const value of values ?? []) always(value)(out, number);
  };

const map =
  <T>(
    entries: Readonly<Record<string, T>> | null | undefined,
    value: (item: T) => Member,
  ): Member =>
  (out, number) => {
    for (const [key, item] of Object.entries(entries ?? {})) {
      message({ 1: always(key), 2: value(item) })(out, number);
    }
  };

const integer =
  (value: Integer = 0): Member =>
  (out, number) => {
    if (BigInt(value) === 0n) return;
    writeTag(out, number, wireTypes.varint);
    writeVarint(out, BigInt.asUintN(64, BigInt(value)));
  };

const flag =
  (value = false): Member =>
  (out, number) =>
    integer(value ? 1 : 0)(out, number);

const double =
  (value = 0): Member =>
  (out, number) => {
    if (Object.is(value, 0)) return;
    writeTag(out, number, wireTypes.fixed64);
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    out.bytes(bytes);
  };

const timestamp = ({ seconds, nanos = 0 }: TimeValue = zeroTime): Member =>
  message({ 1: integer(seconds), 2: integer(nanos) });
