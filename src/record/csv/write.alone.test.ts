import { beforeAll, describe, expect, it } from 'vitest';
import { expectedLines, recordFixtures } from '../../../test/fixtures/records.ts';
import { ByteWriter } from '../../lib/byte-writer.ts';
import type { RecordFields } from '../encode/record-fields.ts';
import { aRecord, decodeRecord } from '../testing.ts';
import { fullCsvColumns } from './columns.ts';
import { csvWriter, writeCsvHeader } from './write.ts';

// One case of the reference was captured in Berlin; in the others all times are UTC by themselves.
beforeAll(() => {
  process.env['TZ'] = 'Europe/Berlin';
});

const written = (write: (out: ByteWriter) => void): string => {
  const out = new ByteWriter();
  write(out);
  return out.view().toString();
};

const cells = (fields: RecordFields, ...headers: readonly string[]): string => {
  const columns = fullCsvColumns.filter(({ header }) => headers.includes(header));
  return written((out) => csvWriter(columns)(aRecord(fields), out)).slice(0, -1);
};

const unquoted = (cell: string): string =>
  cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;

const linesOf = (rows: readonly Readonly<Record<string, string>>[]): readonly string[] =>
  rows.map((row) => fullCsvColumns.map(({ header }) => row[header]).join('\u0000')).sort();

describe('rows', () => {
  it('are those of the reference: quoting, far years, zones, numbers without a place', () => {
    const fixtures = [...recordFixtures('years'), ...recordFixtures('edge-protobuf')];

    const rows = fixtures.map(({ bytes, encoding }) => {
      const record = decodeRecord(bytes, encoding);
      return Object.fromEntries(
        fullCsvColumns.map((column) => [
          column.header,
          unquoted(written((out) => csvWriter([column])(record, out)).slice(0, -1)),
        ]),
      );
    });

    const expected = expectedLines('csv-years-and-zones').filter(
      (row) => row['Method'] !== undefined,
    );
    expect(linesOf(rows)).toEqual(linesOf(expected));
  });

  it('begin with the headers of the reference', () => {
    expect(written((out) => writeCsvHeader(fullCsvColumns, out))).toBe(
      'Method,Host,Path,RawPath,ContentLength,UserAgent,Day,Month,Year,Hour,ResponseCode,APIKey,TimeStamp,' +
        'APIVersion,APIName,APIID,OrgID,OauthID,RequestTime,RawRequest,RawResponse,IPAddress,' +
        'GeoData.Country.ISOCode,GeoData.City.GeoNameID,GeoData.City.Names,GeoData.Location.Latitude,' +
        'GeoData.Location.Longitude,GeoData.Location.TimeZone,NetworkStats.OpenConnections,' +
        'NetworkStats.ClosedConnection,NetworkStats.BytesIn,NetworkStats.BytesOut,Latency.Total,' +
        'Latency.Upstream,Latency.Gateway,Tags,Alias,TrackPath,ExpireAt,ApiSchema,OriginalPath,ListenPath\n',
    );
  });

  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['cr\r', '"cr\r"'],
    [' leading', '" leading"'],
    ['trailing ', 'trailing '],
    ['\tt', '"\tt"'],
    ['\u00a0nbsp', '"\u00a0nbsp"'],
    ['\u3000wide', '"\u3000wide"'],
    ['\u200bzero', '\u200bzero'],
    ['\\.', '"\\."'],
    ['\\.x', '\\.x'],
  ])('quote %j as Go does', (path, expected) => {
    expect(cells({ path }, 'Path')).toBe(expected);
  });

  it('keep bytes that are no UTF-8', () => {
    const out = new ByteWriter();
    const column = fullCsvColumns.filter(({ header }) => header === 'Path' || header === 'Tags');
    const bad = Buffer.from([0x2f, 0xff, 0xc3]);

    csvWriter(column)(aRecord({ path: bad, tags: [bad, 'x'] }), out);

    expect(out.view().toString('latin1')).toBe('/\u00ff\u00c3,/\u00ff\u00c3;x\n');
  });

  it.each<[RecordFields, string, string]>([
    [{ content_length: -1 }, 'ContentLength', '18446744073709551615'],
    [{ latency: { total: -1 } }, 'Latency.Total', '-1'],
    [{ month: 12 }, 'Month', 'December'],
    [{ month: 0 }, 'Month', '%!Month(0)'],
    [{ month: -1 }, 'Month', '%!Month(18446744073709551615)'],
    [{ geo: { location: { latitude: 51.9 } } }, 'GeoData.Location.Latitude', '51'],
    [
      { geo: { location: { latitude: -77.03 } } },
      'GeoData.Location.Latitude',
      '18446744073709551539',
    ],
    [{ geo: { location: { latitude: 1e21 } } }, 'GeoData.Location.Latitude', '9223372036854775808'],
    [
      { geo: { location: { latitude: Number.NaN } } },
      'GeoData.Location.Latitude',
      '9223372036854775808',
    ],
    [{ geo: { city: { names: { fr: 'B', en: 'A' } } } }, 'GeoData.City.Names', 'en:A;fr:B'],
    [{ tags: ['a', 'b,c'] }, 'Tags', '"a;b,c"'],
    [{ track_path: true }, 'TrackPath', 'true'],
    [
      { timestamp: { seconds: 1_720_000_000, nanos: 500_000_000 } },
      'TimeStamp',
      '2024-07-03 11:46:40.5 +0200 CEST',
    ],
  ])('write %o under %s as %s', (fields, header, expected) => {
    expect(cells(fields, header)).toBe(expected);
  });
});
