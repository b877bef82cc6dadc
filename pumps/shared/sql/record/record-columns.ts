import type { CopyValue } from '#pump';
import type { Column, ColumnKind } from '../table.ts';

/** A column and what of a record stands in it. */
export interface RecordColumn extends Column {
  readonly value: CopyValue;
}

const kinds: Readonly<Record<CopyValue['form'], ColumnKind>> = {
  text: 'text',
  integer: 'integer',
  named: 'text',
  float: 'float',
  flag: 'flag',
  time: 'time',
  list: 'text',
  'city-names': 'text',
  'graph-types': 'text',
  'graph-errors': 'text',
};

export const column = (name: string, value: CopyValue): RecordColumn => ({
  name,
  kind:
    value.form === 'integer' && value.field === 'geo.city.geoname_id'
      ? 'unsigned'
      : kinds[value.form],
  value,
});

/** The columns of a record, as Tyk Pump's ORM names them (tyk-pump.md, "sql"). */
export const recordColumns: readonly RecordColumn[] = [
  column('method', { form: 'text', field: 'method' }),
  column('host', { form: 'text', field: 'host' }),
  column('path', { form: 'text', field: 'path' }),
  column('rawpath', { form: 'text', field: 'raw_path' }),
  column('contentlength', { form: 'integer', field: 'content_length' }),
  column('useragent', { form: 'text', field: 'user_agent' }),
  column('day', { form: 'integer', field: 'day' }),
  column('month', { form: 'integer', field: 'month' }),
  column('year', { form: 'integer', field: 'year' }),
  column('hour', { form: 'integer', field: 'hour' }),
  column('responsecode', { form: 'integer', field: 'response_code' }),
  column('apikey', { form: 'text', field: 'api_key' }),
  column('timestamp', { form: 'time', field: 'timestamp' }),
  column('apiversion', { form: 'text', field: 'api_version' }),
  column('api_name', { form: 'text', field: 'api_name' }),
  column('apiid', { form: 'text', field: 'api_id' }),
  column('orgid', { form: 'text', field: 'org_id' }),
  column('oauthid', { form: 'text', field: 'oauth_id' }),
  column('requesttime', { form: 'integer', field: 'request_time' }),
  column('rawrequest', { form: 'text', field: 'raw_request' }),
  column('rawresponse', { form: 'text', field: 'raw_response' }),
  column('ipaddress', { form: 'text', field: 'ip_address' }),
  column('geo_country_iso_code', { form: 'text', field: 'geo.country.iso_code' }),
  column('geo_city_geoname_id', { form: 'integer', field: 'geo.city.geoname_id' }),
  column('geo_city_names', { form: 'city-names' }),
  column('geo_location_latitude', { form: 'float', field: 'geo.location.latitude' }),
  column('geo_location_longitude', { form: 'float', field: 'geo.location.longitude' }),
  column('geo_location_time_zone', { form: 'text', field: 'geo.location.time_zone' }),
  column('network_open_connections', { form: 'integer', field: 'network.open_connections' }),
  column('network_closed_connections', { form: 'integer', field: 'network.closed_connections' }),
  column('network_bytes_in', { form: 'integer', field: 'network.bytes_in' }),
  column('network_bytes_out', { form: 'integer', field: 'network.bytes_out' }),
  column('latency_total', { form: 'integer', field: 'latency.total' }),
  column('latency_upstream', { form: 'integer', field: 'latency.upstream' }),
  column('latency_gateway', { form: 'integer', field: 'latency.gateway' }),
  column('tags', { form: 'list', field: 'tags' }),
  column('alias', { form: 'text', field: 'alias' }),
  column('trackpath', { form: 'flag', field: 'track_path' }),
  column('expireAt', { form: 'time', field: 'expireAt' }),
  column('originalpath', { form: 'text', field: 'original_path' }),
  column('listenpath', { form: 'text', field: 'listen_path' }),
  column('graphql_stats_variables', { form: 'text', field: 'graphql_stats.Variables' }),
  column('graphql_stats_root_fields', { form: 'list', field: 'graphql_stats.RootFields' }),
  column('graphql_stats_types', { form: 'graph-types' }),
  column('graphql_stats_errors', { form: 'graph-errors' }),
  column('graphql_stats_operation_type', { form: 'integer', field: 'graphql_stats.OperationType' }),
  column('graphql_stats_has_errors', { form: 'flag', field: 'graphql_stats.HasErrors' }),
  column('graphql_stats_is_graph_ql', { form: 'flag', field: 'graphql_stats.IsGraphQL' }),
  column('mcp_stats_is_mcp', { form: 'flag', field: 'mcp_stats.is_mcp' }),
  column('mcp_stats_jsonrpc_method', { form: 'text', field: 'mcp_stats.jsonrpc_method' }),
  column('mcp_stats_primitive_type', { form: 'text', field: 'mcp_stats.primitive_type' }),
  column('mcp_stats_primitive_name', { form: 'text', field: 'mcp_stats.primitive_name' }),
];

/** The same within a table that has columns of its own. */
export const prefixed = (prefix: string): readonly RecordColumn[] =>
  recordColumns.map((one) => ({ ...one, name: prefix + one.name }));
