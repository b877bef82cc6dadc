import type {
  FlagField,
  FloatField,
  IntegerField,
  ListField,
  TextField,
  TimeField,
} from '../fields.ts';
import type { Shape, ShapeEntry, ShapeValue } from '../shape.ts';

const text = (field: TextField): ShapeEntry => named(field, { form: 'text', field });
const integer = (field: IntegerField): ShapeEntry => named(field, { form: 'integer', field });
const float = (field: FloatField): ShapeEntry => named(field, { form: 'float', field });
const flag = (field: FlagField): ShapeEntry => named(field, { form: 'flag', field });
const time = (field: TimeField): ShapeEntry => named(field, { form: 'time', field });
const list = (field: ListField): ShapeEntry => named(field, { form: 'list', field });
const object = (key: string, ...entries: Shape): ShapeEntry => ({
  key,
  value: { form: 'object', entries },
});

/** A nested field's key is the last part of its name. */
const named = (field: string, value: ShapeValue): ShapeEntry => ({
  key: field.slice(field.lastIndexOf('.') + 1),
  value,
});

/** The whole record, in the order of the reference's struct (tyk-pump.md, "Fields"): stdout, sqs, segment. */
export const fullShape: Shape = [
  text('method'),
  text('host'),
  text('path'),
  text('raw_path'),
  integer('content_length'),
  text('user_agent'),
  integer('day'),
  integer('month'),
  integer('year'),
  integer('hour'),
  integer('response_code'),
  text('api_key'),
  time('timestamp'),
  text('api_version'),
  text('api_name'),
  text('api_id'),
  text('org_id'),
  text('oauth_id'),
  integer('request_time'),
  text('raw_request'),
  text('raw_response'),
  text('ip_address'),
  object(
    'geo',
    object('country', text('geo.country.iso_code')),
    object('city', integer('geo.city.geoname_id'), { key: 'names', value: { form: 'city-names' } }),
    object(
      'location',
      float('geo.location.latitude'),
      float('geo.location.longitude'),
      text('geo.location.time_zone'),
    ),
  ),
  object(
    'network',
    integer('network.open_connections'),
    integer('network.closed_connections'),
    integer('network.bytes_in'),
    integer('network.bytes_out'),
  ),
  object(
    'latency',
    integer('latency.total'),
    integer('latency.upstream'),
    integer('latency.gateway'),
  ),
  list('tags'),
  text('alias'),
  flag('track_path'),
  time('expireAt'),
  text('api_schema'),
  text('original_path'),
  text('listen_path'),
  object(
    'graphql_stats',
    text('graphql_stats.Variables'),
    list('graphql_stats.RootFields'),
    { key: 'Types', value: { form: 'graph-types' } },
    { key: 'Errors', value: { form: 'graph-errors' } },
    integer('graphql_stats.OperationType'),
    flag('graphql_stats.HasErrors'),
    flag('graphql_stats.IsGraphQL'),
  ),
  object(
    'mcp_stats',
    flag('mcp_stats.is_mcp'),
    text('mcp_stats.jsonrpc_method'),
    text('mcp_stats.primitive_type'),
    text('mcp_stats.primitive_name'),
  ),
];
