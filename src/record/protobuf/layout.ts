import { type LeafField, slotCount, slotOf } from '../slots.ts';

/** Slots of this encoding only, behind the common ones. */
export const ownSlots = {
  timestampNanos: slotCount,
  expireAtNanos: slotCount + 1,
  zone: slotCount + 2,
  /** The first GraphQLStats message: whether there is one, and where to look for its lists. */
  graph: slotCount + 3,
} as const;
export const protobufSlotCount = slotCount + 4;

export const wireTypes = {
  varint: 0,
  fixed64: 1,
  bytes: 2,
  startGroup: 3,
  endGroup: 4,
  fixed32: 5,
} as const;

export const kinds = { varint: 0, double: 1, text: 2, texts: 3, message: 4 } as const;
type Kind = (typeof kinds)[keyof typeof kinds];

/** No slot: the value is checked only. */
const unkept = -1;

export interface Field {
  readonly kind: Kind;
  readonly wireType: number;
  readonly slot: number;
  readonly message: Message | undefined;
}

/** A message's fields by number. */
export type Message = readonly (Field | undefined)[];

const varint = (slot: number): Field => ({
  kind: kinds.varint,
  wireType: wireTypes.varint,
  slot,
  message: undefined,
});
const double = (field: LeafField): Field => ({
  kind: kinds.double,
  wireType: wireTypes.fixed64,
  slot: slotOf[field],
  message: undefined,
});
const text = (slot: number): Field => ({
  kind: kinds.text,
  wireType: wireTypes.bytes,
  slot,
  message: undefined,
});
/** A repeated text; the slot keeps the first. */
const texts = (slot: number): Field => ({ ...text(slot), kind: kinds.texts });
/** A nested message; a slot keeps the first of its kind. */
const message = (fields: Message, slot = unkept): Field => ({
  kind: kinds.message,
  wireType: wireTypes.bytes,
  slot,
  message: fields,
});

const none = undefined;
const number = (field: LeafField): Field => varint(slotOf[field]);
const string = (field: LeafField): Field => text(slotOf[field]);

const timestamp = (seconds: number, nanos: number): Message => [
  none,
  varint(seconds),
  varint(nanos),
];

const latency: Message = [none, number('latency.total'), number('latency.upstream')];

const textEntry: Message = [none, text(unkept), text(unkept)];

const geo: Message = [
  none,
  message([none, string('geo.country.iso_code')]),
  // The reference drops the names; a bad one still spoils the record, as there.
  message([none, message(textEntry), number('geo.city.geoname_id')]),
  message([
    none,
    double('geo.location.latitude'),
    double('geo.location.longitude'),
    string('geo.location.time_zone'),
  ]),
];

const network: Message = [
  none,
  number('network.open_connections'),
  number('network.closed_connections'),
  number('network.bytes_in'),
  number('network.bytes_out'),
];

/** Numbers of the repeated fields of GraphQLStats, which are read by another walk. */
export const graphNumbers = { types: 2, rootFields: 5, errors: 7 } as const;
export const recordNumbers = { tags: 25, graph: 32 } as const;

const typesEntry: Message = [none, text(unkept), message([none, texts(unkept)])];

const graph: Message = [
  none,
  number('graphql_stats.IsGraphQL'),
  message(typesEntry),
  number('graphql_stats.OperationType'),
  string('graphql_stats.Variables'),
  texts(unkept),
  number('graphql_stats.HasErrors'),
  texts(unkept),
];

const mcp: Message = [
  none,
  number('mcp_stats.is_mcp'),
  string('mcp_stats.jsonrpc_method'),
  string('mcp_stats.primitive_type'),
  string('mcp_stats.primitive_name'),
];

/** normalproto.AnalyticsRecord (tyk-pump.md, "Protobuf"). */
export const recordMessage: Message = [
  none,
  string('host'),
  string('method'),
  string('path'),
  string('raw_path'),
  number('content_length'),
  string('user_agent'),
  number('day'),
  number('month'),
  number('year'),
  number('hour'),
  number('response_code'),
  string('api_key'),
  message(timestamp(slotOf.timestamp, ownSlots.timestampNanos)),
  string('api_version'),
  string('api_name'),
  string('api_id'),
  string('org_id'),
  number('request_time'),
  message(latency),
  string('raw_request'),
  string('raw_response'),
  string('ip_address'),
  message(geo),
  message(network),
  texts(slotOf.tags),
  string('alias'),
  number('track_path'),
  message(timestamp(slotOf.expireAt, ownSlots.expireAtNanos)),
  string('oauth_id'),
  text(ownSlots.zone),
  string('api_schema'),
  message(graph, ownSlots.graph),
  message(mcp),
  string('original_path'),
  string('listen_path'),
];
