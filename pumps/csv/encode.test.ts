import { describe, expect, it } from 'vitest';
import { ByteWriter, csvDocument } from '#pump';
import { anEntry, aWeighedEntry, type RecordOverrides } from '#pump/testing';
import { columnsTwice, tableOf } from './encode.ts';

const text = (write: (out: ByteWriter) => void): string => {
  const out = new ByteWriter();
  write(out);
  return out.view().toString('utf8');
};
const row = (overrides: RecordOverrides, formulas: 'keep' | 'text' = 'keep'): string =>
  text((out) => tableOf(csvDocument, { formulas }).writeRow(anEntry(overrides).record, out));

describe('a row', () => {
  it('has a name for each of its 42 columns', () => {
    const names = text(tableOf(csvDocument, { formulas: 'keep' }).writeHeader);

    expect(names).toMatch(/^Method,Host,Path,RawPath,ContentLength,.+,OriginalPath,ListenPath\n$/);
    expect(names.split(',')).toHaveLength(42);
    expect(row({}).split(',')).toHaveLength(42);
  });

  it('is the whole flat record', () => {
    expect(
      row({
        method: 'GET',
        host: 'api.example.com',
        tags: ['a', 'b'],
        geo: {
          city: { geoname_id: 7, names: { en: 'Berlin', de: 'Berlin' } },
          location: { latitude: 52.5, longitude: 13.4, time_zone: 'Europe/Berlin' },
        },
        track_path: true,
      }),
    ).toBe(
      'GET,api.example.com,/pets,/pets,0,,10,March,2024,22,200,test-key,2024-03-10 22:22:00 +0000 UTC,' +
        'v1,Pets,api-pets,org-alpha,,12,,,192.0.2.1,,7,de:Berlin;en:Berlin,52,13,Europe/Berlin,' +
        '0,0,0,0,12,10,2,a;b,,true,2024-03-10 23:22:00 +0000 UTC,,,\n',
    );
  });

  it.each([
    ['a comma', 'a,b', '"a,b"'],
    ['a quote', 'say "hi"', '"say ""hi"""'],
    ['a line end', 'a\r\nb', '"a\r\nb"'],
    ['a space at the beginning', ' a', '" a"'],
    ['nothing to quote', 'a b', 'a b'],
  ])('quotes a field with %s as the reference does', (_, method, expected) => {
    expect(row({ method }).slice(0, expected.length + 1)).toBe(`${expected},`);
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '＝1',
    '＋1',
    '－1',
    '＠1',
    '=HYPERLINK("http://x","y")',
  ])('makes a text of what a spreadsheet would run, where it is told to: %j', (path) => {
    const cell = (text: string): string =>
      /[",\r\n]|^\s/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

    expect(row({ path })).toContain(`,${cell(path)},`);
    expect(row({ path, tags: [path, '=2'] }, 'text')).toMatch(
      new RegExp(`^GET,[^,]*,${quoted(cell(`'${path}`))},.*,${quoted(cell(`'${path};=2`))},`, 's'),
    );
  });

  it.each(['', 'a=1', '\uff10', '\ufeff=', '/pets'])('leaves other texts alone: %j', (path) => {
    expect(row({ path }, 'text')).toBe(row({ path }));
  });

  it('leaves numbers alone, also below 0', () => {
    const latency = { total: -1, upstream: -2, gateway: 0 };
    expect(row({ latency }, 'text')).toBe(row({ latency }));
    expect(row({ latency })).toContain(',-1,-2,');
  });
});

describe('a table of other columns', () => {
  const table = tableOf(
    [
      { key: 'Path, again', value: { form: 'text', field: 'path' } },
      { key: 'site', value: { form: 'constant', json: '"a \\"b\\", =c"' } },
      { key: 'weight', value: { form: 'float', field: 'sample_weight' } },
      {
        key: 'graphql_stats',
        value: {
          form: 'object',
          entries: [
            { key: 'Types', value: { form: 'graph-types' } },
            { key: 'Errors', value: { form: 'graph-errors' } },
          ],
        },
      },
    ],
    { formulas: 'text' },
  );

  it('has their names at its beginning, and those of objects before what is in them', () => {
    expect(text(table.writeHeader)).toBe(
      '"Path, again",site,weight,graphql_stats.Types,graphql_stats.Errors\n',
    );
  });

  it('has constants, numbers with their fraction, and what GraphQL says', () => {
    const Errors = [{ message: '=no' }, { message: 'pets' }];
    const graphql_stats = { IsGraphQL: true, Types: { Query: ['pets', 'owners'] }, Errors };
    const { record } = aWeighedEntry(2.5, { path: '=1', graphql_stats });

    expect(text((out) => table.writeRow(record, out))).toBe(
      `'=1,"a ""b"", =c",2.5,Query:pets;Query:owners,'=no;pets\n`,
    );
  });

  it('cannot have a name twice', () => {
    const entries = [{ key: 'os', value: { form: 'text', field: 'client.os' } }] as const;
    const own = { key: 'client', value: { form: 'object', entries } } as const;
    const fixed = { key: 'client.os', value: { form: 'constant', json: '"x"' } } as const;

    expect([...columnsTwice([own, fixed])]).toMatchObject([{ name: 'client.os' }]);
    expect([...columnsTwice(csvDocument)]).toEqual([]);
  });
});

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
