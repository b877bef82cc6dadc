import { describe, expect, it } from 'vitest';
import { millis } from '#pump';
import { anEntry } from '#pump/testing';
import { IndexNames } from './index-name.ts';

const noon = (year: number, month: number, day: number): Date => new Date(year, month - 1, day, 12);
const now = millis(noon(2024, 3, 9).getTime());
const recordOf = (date: Date) =>
  anEntry({ timestamp: { seconds: Math.floor(date.getTime() / 1000) } }).record;
const mcpRecord = anEntry({ mcp_stats: { is_mcp: true } }).record;
const old = recordOf(noon(2023, 12, 31));

const namesOfRecords = () => {
  const names = new IndexNames({ index: 'c', mcpIndex: undefined, roll: 'record' });
  names.begin(now);
  return names;
};

describe('the index of a record', () => {
  it.each([
    ['never', undefined, old, 'calls'],
    ['write', undefined, old, 'calls-2024.03.09'],
    ['record', undefined, old, 'calls-2023.12.31'],
    ['never', 'mcp', old, 'calls'],
    ['never', 'mcp', mcpRecord, 'mcp'],
    ['write', 'mcp', mcpRecord, 'mcp-2024.03.09'],
    ['never', undefined, mcpRecord, 'calls'],
  ] as const)('rolling %s, MCP index %s: %o', (roll, mcpIndex, record, expected) => {
    const names = new IndexNames({ index: 'calls', mcpIndex, roll });
    names.begin(now);
    expect(names.of(record)).toBe(expected);
  });

  it('follows the records of a batch from day to day', () => {
    const index = namesOfRecords();
    const midnight = new Date(2024, 0, 2).getTime();

    const names = [midnight - 1_000, midnight, midnight - 1_000].map((time) =>
      index.of(recordOf(new Date(time))),
    );

    expect(names).toEqual(['c-2024.01.01', 'c-2024.01.02', 'c-2024.01.01']);
  });

  it('is that of the day of writing where the record’s time is no date', () => {
    const index = namesOfRecords();

    expect(index.of(anEntry({ timestamp: { seconds: 2n ** 62n } }).record)).toBe('c-2024.03.09');
  });

  it('has the day of its own batch', () => {
    const names = new IndexNames({ index: 'c', mcpIndex: 'm', roll: 'write' });
    names.begin(millis(noon(2024, 3, 9).getTime()));
    expect(names.of(old)).toBe('c-2024.03.09');

    names.begin(millis(noon(2024, 3, 10).getTime()));
    expect([names.of(old), names.of(mcpRecord)]).toEqual(['c-2024.03.10', 'm-2024.03.10']);
  });
});
