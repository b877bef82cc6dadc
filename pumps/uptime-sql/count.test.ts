import { describe, expect, it } from 'vitest';
import { anUptimeBatch, type RecordOverrides } from '#pump/testing';
import { countRows, hasHour, isCounted } from './count.ts';

const hour = 1_710_108_000;
const at = (seconds: number) => ({ timestamp: { seconds } });

const entriesOf = (...records: readonly RecordOverrides[]) =>
  anUptimeBatch(records.length, (index) => records[index] ?? {}).entries;

/** By what makes a row, as `org dimension value`. */
const rowsOf = (...records: readonly RecordOverrides[]) =>
  new Map(
    countRows(entriesOf(...records)).map((row) => [
      `${row.start} ${row.orgId} ${row.dimension} ${row.value}`,
      row,
    ]),
  );

describe('counting uptime records', () => {
  it('has a row for the organisation, one for the address, and one for the code of an error', () => {
    const shared = { ...at(hour + 5), org_id: 'o', path: 'u' };
    const rows = rowsOf(
      { ...shared, response_code: 200, request_time: 10 },
      { ...shared, response_code: 503, request_time: 30 },
      { ...shared, response_code: 301, request_time: 2 },
    );

    expect([...rows.keys()].sort()).toEqual([
      `${hour} o  total`,
      `${hour} o errors 503`,
      `${hour} o url u`,
    ]);
    const all = { hits: 3, success: 1, error: 1, requestTime: 42 };
    expect(rows.get(`${hour} o  total`)).toMatchObject(all);
    expect(rows.get(`${hour} o url u`)).toMatchObject(all);
    expect(rows.get(`${hour} o errors 503`)).toMatchObject({ hits: 1, error: 1, requestTime: 30 });
    // What is neither is a hit alone.
    expect([...(rows.get(`${hour} o url u`)?.codes ?? [])]).toEqual([
      [200, 1],
      [503, 1],
    ]);
  });

  it('counts each record in the hour of its own time', () => {
    const rows = rowsOf(
      { ...at(hour - 1), org_id: 'o', path: 'u' },
      { ...at(hour), org_id: 'o', path: 'u' },
      { ...at(hour + 3_599), org_id: 'o', path: 'u' },
    );

    expect(rows.get(`${hour - 3_600} o url u`)?.hits).toBe(1);
    expect(rows.get(`${hour} o url u`)?.hits).toBe(2);
    expect(rows.get(`${hour} o url u`)?.day).toBe('20240310');
  });

  it('counts for each organisation apart, and for none what has none', () => {
    const entries = entriesOf(
      { org_id: 'a', path: 'u' },
      { org_id: 'b', path: 'u' },
      { org_id: '', path: 'u' },
    );

    expect(entries.map(isCounted)).toEqual([true, true, false]);
    expect(countRows(entries.filter(isCounted)).map(({ orgId }) => orgId)).toEqual([
      ...['a', 'a'],
      ...['b', 'b'],
    ]);
  });

  it('has an empty row for an address without an answer, and counts what comes after it', () => {
    const alone = rowsOf({ ...at(hour), org_id: 'o', path: 'u', response_code: -1 });
    expect(alone.get(`${hour} o url u`)).toMatchObject({ hits: 0, error: 0, lastTime: undefined });
    expect(alone.get(`${hour} o  total`)).toMatchObject({ hits: 0 });

    const both = rowsOf(
      { ...at(hour), org_id: 'o', path: 'u', response_code: -1 },
      { ...at(hour + 9), org_id: 'o', path: 'u', response_code: 500 },
    );
    expect(both.get(`${hour} o url u`)).toMatchObject({
      ...{ hits: 1, error: 1 },
      lastTime: { seconds: hour + 9 },
    });
  });

  it.each([
    [-62_135_596_800, false],
    [-1, false],
    [0, true],
    [253_402_300_799, true],
    [253_402_300_800, false],
  ])('knows that %d is a time with an hour: %s', (seconds, has) => {
    const [entry] = entriesOf(at(seconds));

    expect(hasHour(entry)).toBe(has);
  });

  it('gives the same sums however the records are cut and ordered', () => {
    const records = Array.from({ length: 60 }, (_, index) => ({
      ...at(hour + index * 120),
      org_id: `o${index % 2}`,
      path: `u${index % 3}`,
      response_code: [200, 404, 503, 301, -1][index % 5] ?? 0,
      request_time: index,
    }));
    const sums = (...portions: readonly (readonly RecordOverrides[])[]) => {
      const found = new Map<string, number>();
      for (const [key, row] of portions.flatMap((portion) => [...rowsOf(...portion)]))
        for (const [name, value] of [
          ...Object.entries({ hits: row.hits, error: row.error, time: row.requestTime }),
          ...[...row.codes].map(([code, count]) => [`code ${code}`, count] as const),
        ])
          found.set(`${key} ${name}`, (found.get(`${key} ${name}`) ?? 0) + value);
      return new Map([...found].sort());
    };

    const whole = sums(records);
    expect(whole.size).toBeGreaterThan(20);
    expect(sums(...records.map((record) => [record]))).toEqual(whole);
    expect(sums(records.slice(30).toReversed(), records.slice(0, 30))).toEqual(whole);
  });
});
