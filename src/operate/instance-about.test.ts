import { describe, expect, it } from 'vitest';
import { aboutText, configurationHash, instanceRemarks, readAbout } from './instance-about.ts';

const about = {
  host: 'pod-1',
  since: '2026-01-31T12:00:00.000Z',
  configuration: 'abc',
  pumps: [
    { route: 'CSV', type: 'csv' },
    { route: 'ES', type: 'elasticsearch' },
  ],
};

describe('what an instance says of itself', () => {
  it('is one line, and can be read again', () => {
    expect(aboutText(about)).not.toContain('\n');
    expect(readAbout(aboutText(about))).toEqual(about);
  });

  it.each([
    '',
    'null',
    '7',
    '{}',
    '{"host": 7}',
    '{"host":"a","since":"b","configuration":"c"}',
    '[1',
  ])('is nothing where somebody else wrote %s', (text) => {
    expect(readAbout(text)).toBeUndefined();
  });

  it('leaves out pumps that are none', () => {
    const text = '{"host":"a","since":"b","configuration":"c","pumps":[1,["CSV"],["ES","x"]]}';
    expect(readAbout(text)?.pumps).toEqual([{ route: 'ES', type: 'x' }]);
  });
});

describe('the hash of a configuration', () => {
  const value = (key: string, of: unknown) => ({
    ...{ key, value: of, isSecret: false },
    from: { kind: 'default' as const },
  });

  it('is the same whoever said a value, in whatever order', () => {
    const [a, b] = [value('a', 1), value('b', undefined)];
    const variable = { ...a, from: { kind: 'variable' as const, variable: 'A' } };
    expect(configurationHash([b, variable])).toBe(configurationHash([a, b]));
  });

  it('is another one where a value is', () => {
    expect(configurationHash([value('a', 1)])).not.toBe(configurationHash([value('a', 2)]));
  });
});

describe('what does not fit together', () => {
  it('is nothing among those that are the same, and those that say nothing', () => {
    const same = ['a', 'b'].map((name) => ({ name, about }));
    expect(instanceRemarks([...same, { name: 'old', about: undefined }])).toEqual([]);
  });

  it('are pumps that some do not have, and configurations', () => {
    const other = { ...about, configuration: 'def', pumps: about.pumps.slice(0, 1) };
    const three = [
      { name: 'a', about },
      { name: 'b', about: other },
      { name: 'c', about: other },
    ];
    expect(instanceRemarks(three)).toEqual([
      'ES is not configured in b, c',
      'configurations differ: abc in a; def in b, c',
    ]);
  });
});
