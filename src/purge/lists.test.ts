import { describe, expect, it } from 'vitest';
import { listsOf, readersOf, readLists } from './lists.ts';

const redis = { keyPrefix: 'analytics-', uptimeKeyPrefix: 'host-checker:' };
const uptimeKey = 'host-checker:tyk-uptime-analytics';
const calls = { name: 'CSV', records: 'analytics' } as const;
const uptime = { name: 'uptime', records: 'uptime' } as const;

describe('the lists that are read', () => {
  it('are each read by the routes of its kind of records', () => {
    const lists = readLists(redis, [calls, { ...calls, name: 'KAFKA' }, uptime]);

    expect(lists).toHaveLength(23);
    for (const { key, readers } of lists)
      expect(readers).toEqual(key === uptimeKey ? ['uptime'] : ['CSV', 'KAFKA']);
    expect(listsOf('uptime', lists).map(({ key }) => key)).toEqual([uptimeKey]);
    expect(listsOf('CSV', lists)).toHaveLength(22);
  });

  it('are none that nobody reads', () => {
    expect(readLists(redis, [calls]).map(({ key }) => key)).not.toContain(uptimeKey);
    expect(readLists(redis, [uptime]).map(({ key }) => key)).toEqual([uptimeKey]);
  });

  it('are read by all routes where nothing is said', () => {
    expect(readersOf({}, ['A', 'B'])).toEqual(['A', 'B']);
    expect(readersOf({ readers: ['B', 'C'] }, ['A', 'B'])).toEqual(['B']);
  });
});
