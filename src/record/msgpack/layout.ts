import { type LeafField, slotOf } from '../slots.ts';

/**
 * What Go's struct says about a field's value. `text` and the others without a leaf are checked and not kept.
 * Numbers, so that the scanner's switch is a jump.
 */
export const kinds = {
  text: 0,
  integer: 1,
  float: 2,
  flag: 3,
  time: 4,
  textList: 5,
  textMap: 6,
  textListMap: 7,
  errors: 8,
  anyList: 9,
} as const;
type Kind = (typeof kinds)[keyof typeof kinds];

/** No slot: the value is checked only. */
const unkept = -1;

export interface Field {
  readonly name: Buffer;
  /** Size of the key as the gateway writes it: one header byte and the name; four bytes at least. */
  readonly size: number;
  /** That key as big-endian words; the last one overlaps, so that it ends with the key. */
  readonly words: readonly number[];
  /** Place in the struct. */
  readonly index: number;
  readonly kind: Kind;
  readonly slot: number;
  /** Of a field that is a struct itself. */
  readonly struct: Struct | undefined;
}

type UnplacedField = Omit<Field, 'index'>;

export interface Struct {
  /** In declaration order, which is the order of the map on the wire and of the positional form. */
  readonly fields: readonly Field[];
  /** All slots within, for a nil that clears the whole struct. */
  readonly slots: readonly number[];
}

function fieldOf(name: string, kind: Kind, slot: number, struct?: Struct): UnplacedField {
  const key = Buffer.concat([Buffer.of(0xa0 | name.length), Buffer.from(name, 'latin1')]);
  return { name: key.subarray(1), size: key.length, words: wordsOf(key), kind, slot, struct };
}

function wordsOf(key: Buffer): readonly number[] {
  const words: number[] = [];
  for (let at = 0; at + 4 <= key.length; at += 4) words.push(key.readInt32BE(at));
  if (key.length % 4 !== 0) words.push(key.readInt32BE(key.length - 4));
  return words;
}

const leaf = (name: string, kind: Kind, field: LeafField): UnplacedField =>
  fieldOf(name, kind, slotOf[field]);

const checked = (name: string, kind: Kind, slot = unkept): UnplacedField =>
  fieldOf(name, kind, slot);

const nested = (name: string, struct: Struct): UnplacedField =>
  fieldOf(name, kinds.text, unkept, struct);

const structOf = (...fields: readonly UnplacedField[]): Struct => ({
  fields: fields.map((field, index) => ({ ...field, index })),
  slots: fields.flatMap((field) => field.struct?.slots ?? (field.slot < 0 ? [] : [field.slot])),
});

const { text, integer, float, flag, time, textList, textMap, textListMap, errors, anyList } = kinds;

/** An analytics record (tyk-pump.md, "Fields"). */
export const recordStruct = structOf(
  leaf('Method', text, 'method'),
  leaf('Host', text, 'host'),
  leaf('Path', text, 'path'),
  leaf('RawPath', text, 'raw_path'),
  leaf('ContentLength', integer, 'content_length'),
  leaf('UserAgent', text, 'user_agent'),
  leaf('Day', integer, 'day'),
  leaf('Month', integer, 'month'),
  leaf('Year', integer, 'year'),
  leaf('Hour', integer, 'hour'),
  leaf('ResponseCode', integer, 'response_code'),
  leaf('APIKey', text, 'api_key'),
  leaf('TimeStamp', time, 'timestamp'),
  leaf('APIVersion', text, 'api_version'),
  leaf('APIName', text, 'api_name'),
  leaf('APIID', text, 'api_id'),
  leaf('OrgID', text, 'org_id'),
  leaf('OauthID', text, 'oauth_id'),
  leaf('RequestTime', integer, 'request_time'),
  leaf('RawRequest', text, 'raw_request'),
  leaf('RawResponse', text, 'raw_response'),
  leaf('IPAddress', text, 'ip_address'),
  nested(
    'Geo',
    structOf(
      nested('Country', structOf(leaf('ISOCode', text, 'geo.country.iso_code'))),
      nested(
        'City',
        structOf(
          leaf('GeoNameID', integer, 'geo.city.geoname_id'),
          leaf('Names', textMap, 'geo.city.names'),
        ),
      ),
      nested(
        'Location',
        structOf(
          leaf('Latitude', float, 'geo.location.latitude'),
          leaf('Longitude', float, 'geo.location.longitude'),
          leaf('TimeZone', text, 'geo.location.time_zone'),
        ),
      ),
    ),
  ),
  nested(
    'Network',
    structOf(
      leaf('OpenConnections', integer, 'network.open_connections'),
      leaf('ClosedConnection', integer, 'network.closed_connections'),
      leaf('BytesIn', integer, 'network.bytes_in'),
      leaf('BytesOut', integer, 'network.bytes_out'),
    ),
  ),
  nested(
    'Latency',
    structOf(
      leaf('Total', integer, 'latency.total'),
      leaf('Upstream', integer, 'latency.upstream'),
      leaf('Gateway', integer, 'latency.gateway'),
    ),
  ),
  leaf('Tags', textList, 'tags'),
  leaf('Alias', text, 'alias'),
  leaf('TrackPath', flag, 'track_path'),
  leaf('ExpireAt', time, 'expireAt'),
  leaf('ApiSchema', text, 'api_schema'),
  leaf('OriginalPath', text, 'original_path'),
  leaf('ListenPath', text, 'listen_path'),
  nested(
    'GraphQLStats',
    structOf(
      leaf('Variables', text, 'graphql_stats.Variables'),
      leaf('RootFields', textList, 'graphql_stats.RootFields'),
      leaf('Types', textListMap, 'graphql_stats.Types'),
      leaf('Errors', errors, 'graphql_stats.Errors'),
      leaf('OperationType', integer, 'graphql_stats.OperationType'),
      leaf('HasErrors', flag, 'graphql_stats.HasErrors'),
      leaf('IsGraphQL', flag, 'graphql_stats.IsGraphQL'),
    ),
  ),
  nested(
    'MCPStats',
    structOf(
      leaf('IsMCP', flag, 'mcp_stats.is_mcp'),
      leaf('JSONRPCMethod', text, 'mcp_stats.jsonrpc_method'),
      leaf('PrimitiveType', text, 'mcp_stats.primitive_type'),
      leaf('PrimitiveName', text, 'mcp_stats.primitive_name'),
    ),
  ),
  checked('CollectionName', text),
);

/** Slots of a GraphQL error, in a table of its own. */
export const errorSlots = { message: 0, path: 1, count: 2 } as const;

export const errorStruct = structOf(
  checked('Message', text, errorSlots.message),
  checked('Path', anyList, errorSlots.path),
);
