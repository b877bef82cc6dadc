import { describe, expect, it } from 'vitest';
import { ByteWriter } from '#pump';
import { anEntry, type RecordOverrides } from '#pump/testing';
import { encodeHeader, rowWriter } from './encode.ts';

const text = (write: (out: ByteWriter) => void): string => {
  const out = new ByteWriter();
  write(out);
  return out.view().toString('utf8');
};
const row = (overrides: RecordOverrides, formulas: 'keep' | 'text' = 'keep'): string =>
  text((out) => rowWriter({ formulas })(anEntry(overrides).record, out));

describe('a row', () => {
  it('has a name for each of its 42 columns', () => {
    const names = text(encodeHeader);

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

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
