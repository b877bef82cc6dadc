const none = undefined;

/**
 * The fields of an analytics record (tyk-pump.md, "Fields", "Protobuf", "csv"), in the order of Go's struct. What a field is
 * called and where it lies is said here and nowhere else: a new one is a new row, at its place in the struct.
 *
 * A dot leads into an object: by its name in JSON, by its name in Go, which is the key of MessagePack, by its number in
 * protobuf. `none` has no place there. CSV leaves out what has no header; a last word says how it writes a number
 * otherwise than as an unsigned one.
 */
// biome-ignore format: a table
export const fieldTable = [
  // JSON                         kind        Go                            protobuf  CSV
  ['method',                      'text',     'Method',                     '2',      'Method'],
  ['host',                        'text',     'Host',                       '1',      'Host'],
  ['path',                        'text',     'Path',                       '3',      'Path'],
  ['raw_path',                    'text',     'RawPath',                    '4',      'RawPath'],
  ['content_length',              'int64',    'ContentLength',              '5',      'ContentLength'],
  ['user_agent',                  'text',     'UserAgent',                  '6',      'UserAgent'],
  ['day',                         'int32',    'Day',                        '7',      'Day'],
  ['month',                       'int32',    'Month',                      '8',      'Month', 'month'],
  ['year',                        'int32',    'Year',                       '9',      'Year'],
  ['hour',                        'int32',    'Hour',                       '10',     'Hour'],
  ['response_code',               'int32',    'ResponseCode',               '11',     'ResponseCode'],
  ['api_key',                     'text',     'APIKey',                     '12',     'APIKey'],
  ['timestamp',                   'time',     'TimeStamp',                  '13',     'TimeStamp'],
  ['api_version',                 'text',     'APIVersion',                 '14',     'APIVersion'],
  ['api_name',                    'text',     'APIName',                    '15',     'APIName'],
  ['api_id',                      'text',     'APIID',                      '16',     'APIID'],
  ['org_id',                      'text',     'OrgID',                      '17',     'OrgID'],
  ['oauth_id',                    'text',     'OauthID',                    '29',     'OauthID'],
  ['request_time',                'int64',    'RequestTime',                '18',     'RequestTime'],
  ['raw_request',                 'text',     'RawRequest',                 '20',     'RawRequest'],
  ['raw_response',                'text',     'RawResponse',                '21',     'RawResponse'],
  ['ip_address',                  'text',     'IPAddress',                  '22',     'IPAddress'],
  ['geo.country.iso_code',        'text',     'Geo.Country.ISOCode',        '23.1.1', 'GeoData.Country.ISOCode'],
  ['geo.city.geoname_id',         'int64',    'Geo.City.GeoNameID',         '23.2.2', 'GeoData.City.GeoNameID'],
  ['geo.city.names',              'names',    'Geo.City.Names',             '23.2.1', 'GeoData.City.Names'],
  ['geo.location.latitude',       'float',    'Geo.Location.Latitude',      '23.3.1', 'GeoData.Location.Latitude'],
  ['geo.location.longitude',      'float',    'Geo.Location.Longitude',     '23.3.2', 'GeoData.Location.Longitude'],
  ['geo.location.time_zone',      'text',     'Geo.Location.TimeZone',      '23.3.3', 'GeoData.Location.TimeZone'],
  ['network.open_connections',    'int64',    'Network.OpenConnections',    '24.1',   'NetworkStats.OpenConnections'],
  ['network.closed_connections',  'int64',    'Network.ClosedConnection',   '24.2',   'NetworkStats.ClosedConnection'],
  ['network.bytes_in',            'int64',    'Network.BytesIn',            '24.3',   'NetworkStats.BytesIn'],
  ['network.bytes_out',           'int64',    'Network.BytesOut',           '24.4',   'NetworkStats.BytesOut'],
  ['latency.total',               'int64',    'Latency.Total',              '19.1',   'Latency.Total', 'signed'],
  ['latency.upstream',            'int64',    'Latency.Upstream',           '19.2',   'Latency.Upstream', 'signed'],
  ['latency.gateway',             'int64',    'Latency.Gateway',            none,     'Latency.Gateway', 'signed'],
  ['tags',                        'list',     'Tags',                       '25',     'Tags'],
  ['alias',                       'text',     'Alias',                      '26',     'Alias'],
  ['track_path',                  'flag',     'TrackPath',                  '27',     'TrackPath'],
  ['expireAt',                    'time',     'ExpireAt',                   '28',     'ExpireAt'],
  ['api_schema',                  'text',     'ApiSchema',                  '31',     'ApiSchema'],
  ['original_path',               'text',     'OriginalPath',               '34',     'OriginalPath'],
  ['listen_path',                 'text',     'ListenPath',                 '35',     'ListenPath'],
  ['graphql_stats.Variables',     'text',     'GraphQLStats.Variables',     '32.4'],
  ['graphql_stats.RootFields',    'list',     'GraphQLStats.RootFields',    '32.5'],
  ['graphql_stats.Types',         'types',    'GraphQLStats.Types',         '32.2'],
  ['graphql_stats.Errors',        'errors',   'GraphQLStats.Errors',        '32.7'],
  ['graphql_stats.OperationType', 'int32',    'GraphQLStats.OperationType', '32.3'],
  ['graphql_stats.HasErrors',     'flag',     'GraphQLStats.HasErrors',     '32.6'],
  ['graphql_stats.IsGraphQL',     'flag',     'GraphQLStats.IsGraphQL',     '32.1'],
  ['mcp_stats.is_mcp',            'flag',     'MCPStats.IsMCP',             '33.1'],
  ['mcp_stats.jsonrpc_method',    'text',     'MCPStats.JSONRPCMethod',     '33.2'],
  ['mcp_stats.primitive_type',    'text',     'MCPStats.PrimitiveType',     '33.3'],
  ['mcp_stats.primitive_name',    'text',     'MCPStats.PrimitiveName',     '33.4'],
] as const satisfies readonly FieldRow[];

/**
 * What Sluice itself writes into records as it shapes them (src/edit): no gateway writes it, and no sink carries it unless
 * asked to. Behind all others, so that nothing of theirs moves; numbers far from those that the gateway may take next.
 */
// biome-ignore format: a table
export const ownFieldTable = [
  ['sample_weight',               'float',    'SluiceSampleWeight',         '1001'],
  ['path_template',               'text',     'SluicePathTemplate',         '1002'],
  ['client.browser',              'text',     'SluiceClient.Browser',       '1003.1'],
  ['client.os',                   'text',     'SluiceClient.System',        '1003.2'],
  ['client.device',               'text',     'SluiceClient.Device',        '1003.3'],
  ['unknown',                     'text',     'SluiceUnknown',              '1004'],
] as const satisfies readonly FieldRow[];

/** `int32` and `int64` differ in protobuf alone. Of `names`, `types` and `errors` there is one field each. */
type Kind =
  | 'text'
  | 'int32'
  | 'int64'
  | 'float'
  | 'flag'
  | 'time'
  | 'list'
  | 'names'
  | 'types'
  | 'errors';

type FieldRow = readonly [
  json: string,
  kind: Kind,
  go: string,
  protobuf: string | undefined,
  csv?: string,
  csvNumber?: 'signed' | 'month',
];
