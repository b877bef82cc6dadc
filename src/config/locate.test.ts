import { describe, expect, it } from 'vitest';
import { readJson } from './json-text.ts';
import { locatedAt, locator } from './locate.ts';

const text = `{
  "purge_delay": 1,
  "Pumps": {
    "my.pump": {"meta": {"tags": ["path", {"name": "x"}],\t"url": "http://u:p@h", "pin": 1234}},
    "my": {"meta": {"url": "b"}}
  },
  "log_level": "a",
  "log_level": "b"
}`;

function located(key: string) {
  const reading = readJson(text);
  if (!reading.ok) throw new Error('it is JSON');
  return locator(text, reading.node)(key);
}

describe('the place of a key', () => {
  it.each([
    ['purge_delay', 2, 3],
    ['PURGE_DELAY', 2, 3],
    ['pumps.my.pump.meta.url', 4, 59],
    ['pumps.my.pump.meta.tags[0]', 4, 35],
    ['pumps.my.pump.meta.tags[1].name', 4, 44],
    ['pumps.my.meta.url', 5, 21],
    ['log_level', 8, 3],
  ])('of %s', (key, line, column) => {
    expect(located(key)).toMatchObject({ line, column });
  });

  it.each([
    ['pumps.my.pump.meta.index_name', 4, 17],
    ['pumps.my.pump.meta.tags[7]', 4, 26],
    ['pumps.my.pump.meta.tags[1].kind', 4, 43],
    ['pumps.other.type', 3, 3],
  ])('that is not there is what it is missing in: %s', (key, line, column) => {
    expect(located(key)).toMatchObject({ line, column });
  });

  it.each(['analytics_storage_config.host', '', '(file)'])('%j is nowhere', (key) => {
    expect(located(key)).toBeUndefined();
  });

  it('shows its line without what may be secret', () => {
    expect(located('pumps.my.pump.meta.url')).toMatchObject({
      before: '    "my.pump": {"meta": {"tags": ["…", {"name": "…"}],\t',
      after: '"url": "…", "pin": …}},',
    });
  });

  it.each([
    ['{"a": hunter2, "b": true}', '{"a": …, "b": true}'],
    ['"password": "hun\\"ter2', '"password": "…"'],
    ["'password': 'a b'", '…: … …'],
    ['"a" : -1e5,\r', '"a" : …,'],
  ])('and of what is no JSON: %s', (line, shown) => {
    expect(locatedAt(`\n${line}\n`, { line: 2, column: 1 }).after).toBe(shown);
  });

  it('of a long line shows what is around it', () => {
    const long = `{${Array.from({ length: 3_000 }, (_, at) => `"k${at}": "v${at}"`).join(', ')}}`;
    const reading = readJson(long);
    if (!reading.ok) throw new Error('it is JSON');
    const locate = locator(long, reading.node);

    for (let at = 100; at < 2_900; at++) {
      const { line, column, before = '', after = '' } = locate(`k${at}`) ?? {};
      expect([line, long.indexOf(`"k${at}"`) + 1]).toEqual([1, column]);
      expect(before.endsWith(`"k${at - 1}": "…", `)).toBe(true);
      expect(after.startsWith(`"k${at}": "…", "k${at + 1}"`)).toBe(true);
      expect(before.length + after.length).toBeLessThan(250);
    }
  });
});
