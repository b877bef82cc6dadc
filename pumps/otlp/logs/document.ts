import { type IntegerField, type Shape, type ShapeEntry, type TextField } from '#pump';
import { addressIn, knownMethod } from './http-values.ts';

const text = (key: string, field: TextField): ShapeEntry => ({
  key,
  value: { form: 'text', field },
});

const integer = (key: string, field: IntegerField): ShapeEntry => ({
  key,
  value: { form: 'integer', field },
});

const only = (when: NonNullable<ShapeEntry['when']>, entries: Shape): Shape =>
  entries.map((entry) => ({ ...entry, when }));

/**
 * The attributes of a log record: the names of OpenTelemetry's conventions where they have one for what a gateway records, and
 * `tyk.…` for the rest. Payloads are left out; `fields` brings them.
 */
export const attributesShape: Shape = [
  { key: 'http.request.method', value: { form: 'derived', field: 'method', derive: knownMethod } },
  text('url.path', 'path'),
  text('http.route', 'path_template'),
  integer('http.response.status_code', 'response_code'),
  integer('http.request.body.size', 'content_length'),
  { key: 'server.address', value: { form: 'derived', field: 'host', derive: addressIn } },
  text('client.address', 'ip_address'),
  text('user_agent.original', 'user_agent'),
  text('user_agent.name', 'client.browser'),
  text('user_agent.os.name', 'client.os'),
  text('geo.country.iso_code', 'geo.country.iso_code'),
  { key: 'geo.location.lat', value: { form: 'float', field: 'geo.location.latitude' } },
  { key: 'geo.location.lon', value: { form: 'float', field: 'geo.location.longitude' } },
  text('tyk.api.id', 'api_id'),
  text('tyk.api.name', 'api_name'),
  text('tyk.api.version', 'api_version'),
  text('tyk.org.id', 'org_id'),
  text('tyk.oauth.id', 'oauth_id'),
  text('tyk.api.key', 'api_key'),
  text('tyk.alias', 'alias'),
  { key: 'tyk.tags', value: { form: 'list', field: 'tags' } },
  text('tyk.listen_path', 'listen_path'),
  text('tyk.original_path', 'original_path'),
  integer('tyk.request_time', 'request_time'),
  integer('tyk.latency.total', 'latency.total'),
  integer('tyk.latency.upstream', 'latency.upstream'),
  integer('tyk.latency.gateway', 'latency.gateway'),
  ...only('mcp_stats.is_mcp', [
    text('tyk.mcp.method', 'mcp_stats.jsonrpc_method'),
    text('tyk.mcp.primitive.type', 'mcp_stats.primitive_type'),
    text('tyk.mcp.primitive.name', 'mcp_stats.primitive_name'),
  ]),
  ...only('graphql_stats.IsGraphQL', [
    integer('tyk.graphql.operation_type', 'graphql_stats.OperationType'),
    { key: 'tyk.graphql.root_fields', value: { form: 'list', field: 'graphql_stats.RootFields' } },
    { key: 'tyk.graphql.has_errors', value: { form: 'flag', field: 'graphql_stats.HasErrors' } },
  ]),
  { key: 'tyk.sample_weight', value: { form: 'float', field: 'sample_weight' } },
];
