import type {
  FlagField,
  FloatField,
  IntegerField,
  ListField,
  TextField,
  TimeField,
} from './fields.ts';

/** Every leaf of a record: what a scan finds the place of. */
export type LeafField =
  | TextField
  | IntegerField
  | FloatField
  | FlagField
  | TimeField
  | ListField
  | 'geo.city.names'
  | 'graphql_stats.Types'
  | 'graphql_stats.Errors';

/**
 * The place of a leaf's value within the record's bytes is kept under the leaf's slot; 0 means the field is missing
 * (no value can be at offset 0 in either encoding). Both encodings share the numbers, so that a shape can be prepared
 * once for both. The mapped type keeps the list complete.
 */
export const slotOf: { readonly [F in LeafField]: number } = {
  method: 0,
  host: 1,
  path: 2,
  raw_path: 3,
  content_length: 4,
  user_agent: 5,
  day: 6,
  month: 7,
  year: 8,
  hour: 9,
  response_code: 10,
  api_key: 11,
  timestamp: 12,
  api_version: 13,
  api_name: 14,
  api_id: 15,
  org_id: 16,
  oauth_id: 17,
  request_time: 18,
  raw_request: 19,
  raw_response: 20,
  ip_address: 21,
  'geo.country.iso_code': 22,
  'geo.city.geoname_id': 23,
  'geo.city.names': 24,
  'geo.location.latitude': 25,
  'geo.location.longitude': 26,
  'geo.location.time_zone': 27,
  'network.open_connections': 28,
  'network.closed_connections': 29,
  'network.bytes_in': 30,
  'network.bytes_out': 31,
  'latency.total': 32,
  'latency.upstream': 33,
  'latency.gateway': 34,
  tags: 35,
  alias: 36,
  track_path: 37,
  expireAt: 38,
  api_schema: 39,
  original_path: 40,
  listen_path: 41,
  'graphql_stats.Variables': 42,
  'graphql_stats.RootFields': 43,
  'graphql_stats.Types': 44,
  'graphql_stats.Errors': 45,
  'graphql_stats.OperationType': 46,
  'graphql_stats.HasErrors': 47,
  'graphql_stats.IsGraphQL': 48,
  'mcp_stats.is_mcp': 49,
  'mcp_stats.jsonrpc_method': 50,
  'mcp_stats.primitive_type': 51,
  'mcp_stats.primitive_name': 52,
};

/** Number of leaves. An encoding may keep more slots of its own behind them. */
export const slotCount = Object.keys(slotOf).length;
