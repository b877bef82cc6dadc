import type {
  FlagField,
  FloatField,
  IntegerField,
  ListField,
  TextField,
  TimeField,
} from '../fields.ts';

/** A column as data: its header, and what stands below it. */
export interface CsvColumn {
  readonly header: string;
  readonly value: CsvValue;
}

/** `isGuarded`: with an apostrophe in front where a spreadsheet would take the cell for a formula. */
export type CsvValue =
  | { readonly form: 'text'; readonly field: TextField; readonly isGuarded?: true }
  /** As an unsigned 64-bit number: −1 is 18446744073709551615. */
  | { readonly form: 'unsigned'; readonly field: IntegerField }
  | { readonly form: 'signed'; readonly field: IntegerField }
  /** English name of the month. */
  | { readonly form: 'month'; readonly field: IntegerField }
  /** Go's default time text. */
  | { readonly form: 'go-time'; readonly field: TimeField }
  /** Joined by `;`. */
  | { readonly form: 'list'; readonly field: ListField; readonly isGuarded?: true }
  /** `k:v` joined by `;`, keys sorted. */
  | { readonly form: 'city-names'; readonly isGuarded?: true }
  /** Cut to an unsigned 64-bit number. */
  | { readonly form: 'truncated'; readonly field: FloatField }
  | { readonly form: 'flag'; readonly field: FlagField };

const text = (header: string, field: TextField): CsvColumn => ({
  header,
  value: { form: 'text', field },
});
const unsigned = (header: string, field: IntegerField): CsvColumn => ({
  header,
  value: { form: 'unsigned', field },
});
const signed = (header: string, field: IntegerField): CsvColumn => ({
  header,
  value: { form: 'signed', field },
});

/** The columns of the reference (tyk-pump.md, "csv"): the flat record without GraphQL and MCP. */
export const fullCsvColumns: readonly CsvColumn[] = [
  text('Method', 'method'),
  text('Host', 'host'),
  text('Path', 'path'),
  text('RawPath', 'raw_path'),
  unsigned('ContentLength', 'content_length'),
  text('UserAgent', 'user_agent'),
  unsigned('Day', 'day'),
  { header: 'Month', value: { form: 'month', field: 'month' } },
  unsigned('Year', 'year'),
  unsigned('Hour', 'hour'),
  unsigned('ResponseCode', 'response_code'),
  text('APIKey', 'api_key'),
  { header: 'TimeStamp', value: { form: 'go-time', field: 'timestamp' } },
  text('APIVersion', 'api_version'),
  text('APIName', 'api_name'),
  text('APIID', 'api_id'),
  text('OrgID', 'org_id'),
  text('OauthID', 'oauth_id'),
  unsigned('RequestTime', 'request_time'),
  text('RawRequest', 'raw_request'),
  text('RawResponse', 'raw_response'),
  text('IPAddress', 'ip_address'),
  text('GeoData.Country.ISOCode', 'geo.country.iso_code'),
  unsigned('GeoData.City.GeoNameID', 'geo.city.geoname_id'),
  { header: 'GeoData.City.Names', value: { form: 'city-names' } },
  {
    header: 'GeoData.Location.Latitude',
    value: { form: 'truncated', field: 'geo.location.latitude' },
  },
  {
    header: 'GeoData.Location.Longitude',
    value: { form: 'truncated', field: 'geo.location.longitude' },
  },
  text('GeoData.Location.TimeZone', 'geo.location.time_zone'),
  unsigned('NetworkStats.OpenConnections', 'network.open_connections'),
  unsigned('NetworkStats.ClosedConnection', 'network.closed_connections'),
  unsigned('NetworkStats.BytesIn', 'network.bytes_in'),
  unsigned('NetworkStats.BytesOut', 'network.bytes_out'),
  signed('Latency.Total', 'latency.total'),
  signed('Latency.Upstream', 'latency.upstream'),
  signed('Latency.Gateway', 'latency.gateway'),
  { header: 'Tags', value: { form: 'list', field: 'tags' } },
  text('Alias', 'alias'),
  { header: 'TrackPath', value: { form: 'flag', field: 'track_path' } },
  { header: 'ExpireAt', value: { form: 'go-time', field: 'expireAt' } },
  text('ApiSchema', 'api_schema'),
  text('OriginalPath', 'original_path'),
  text('ListenPath', 'listen_path'),
];

/** The same, with no text that a spreadsheet would run: who calls an API writes its paths and user agents. */
export const guardedCsvColumns: readonly CsvColumn[] = fullCsvColumns.map(({ header, value }) => ({
  header,
  value:
    value.form === 'text' || value.form === 'list' || value.form === 'city-names'
      ? { ...value, isGuarded: true }
      : value,
}));

/** Whether a spreadsheet takes what begins so for a formula: `=`, `+`, `-`, `@`, white space before one, their wide forms. */
export function beginsFormula(source: Uint8Array, start: number, end: number): boolean {
  if (start === end) return false;
  const first = source[start] as number;
  if (first !== 0xef) return formulaStarts.has(first);
  const third = source[start + 2];
  return (
    end - start >= 3 &&
    source[start + 1] === 0xbc &&
    (third === 0x9d || third === 0x8b || third === 0x8d || third === 0xa0)
  );
}

const formulaStarts: ReadonlySet<number> = new Set(Buffer.from('=+-@\t\r\n'));
