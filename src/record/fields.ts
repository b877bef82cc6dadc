/**
 * The names of an analytics record's fields, as every JSON output writes them (tyk-pump.md, "Fields").
 * Nested ones are dotted. One name per field, everywhere: shapes, filters, documentation.
 */
export type TextField =
  | 'method'
  | 'host'
  | 'path'
  | 'raw_path'
  | 'user_agent'
  | 'api_key'
  | 'api_version'
  | 'api_name'
  | 'api_id'
  | 'org_id'
  | 'oauth_id'
  | 'raw_request'
  | 'raw_response'
  | 'ip_address'
  | 'geo.country.iso_code'
  | 'geo.location.time_zone'
  | 'alias'
  | 'api_schema'
  | 'original_path'
  | 'listen_path'
  | 'graphql_stats.Variables'
  | 'mcp_stats.jsonrpc_method'
  | 'mcp_stats.primitive_type'
  | 'mcp_stats.primitive_name';

export type IntegerField =
  | 'content_length'
  | 'day'
  | 'month'
  | 'year'
  | 'hour'
  | 'response_code'
  | 'request_time'
  | 'geo.city.geoname_id'
  | 'network.open_connections'
  | 'network.closed_connections'
  | 'network.bytes_in'
  | 'network.bytes_out'
  | 'latency.total'
  | 'latency.upstream'
  | 'latency.gateway'
  | 'graphql_stats.OperationType';

export type FloatField = 'geo.location.latitude' | 'geo.location.longitude';
export type FlagField =
  | 'track_path'
  | 'graphql_stats.HasErrors'
  | 'graphql_stats.IsGraphQL'
  | 'mcp_stats.is_mcp';
export type TimeField = 'timestamp' | 'expireAt';
export type ListField = 'tags' | 'graphql_stats.RootFields';

/**
 * The names `ignore_fields` accepts: top-level JSON names; an object goes as a whole (tyk-pump.md, "What a pump's entry
 * does to a record").
 */
export const topLevelFields = [
  'method',
  'host',
  'path',
  'raw_path',
  'content_length',
  'user_agent',
  'day',
  'month',
  'year',
  'hour',
  'response_code',
  'api_key',
  'timestamp',
  'api_version',
  'api_name',
  'api_id',
  'org_id',
  'oauth_id',
  'request_time',
  'raw_request',
  'raw_response',
  'ip_address',
  'geo',
  'network',
  'latency',
  'tags',
  'alias',
  'track_path',
  'expireAt',
  'api_schema',
  'original_path',
  'listen_path',
  'graphql_stats',
  'mcp_stats',
] as const;
export type TopLevelField = (typeof topLevelFields)[number];
