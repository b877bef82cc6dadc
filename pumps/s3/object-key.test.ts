import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aBatch, anEntry, type RecordOverrides } from '#pump/testing';
import { objectName, prefixWriter } from './object-key.ts';

const prefixFor = (template: string, record: RecordOverrides) =>
  prefixWriter(template)(anEntry(record).record);

describe('the prefix of an object', () => {
  it('has the hour of the record in UTC, and its texts', () => {
    const template =
      'a/{{year}}/{{month}}/{{day}}/{{hour}}/{{org_id}}/{{geo.country.iso_code|none}}/';

    expect(prefixFor(template, { org_id: 'org', timestamp: { seconds: 1_709_251_199 } })).toBe(
      'a/2024/02/29/23/org/none/',
    );
  });

  it.each([
    [-62_135_596_800, '1970-00'],
    [Number.MAX_SAFE_INTEGER, '1970-00'],
  ])('has an hour for the second %i too', (seconds, text) => {
    expect(prefixFor('{{year}}-{{hour}}', { timestamp: { seconds } })).toBe(text);
  });

  it.each([
    ['', '-'],
    ['.', '%2E'],
    ['..', '%2E%2E'],
    ['a.b-c_d', 'a.b-c_d'],
    ['a/b=c&d', 'a%2Fb%3Dc%26d'],
    ["!'()*~", '%21%27%28%29%2A%7E'],
    ['ü', '%C3%BC'],
  ])('keeps %j in its place, as %s', (api_id, text) => {
    expect(prefixFor('{{api_id}}', { api_id })).toBe(text);
  });

  it('is never too long, and never another folder', () => {
    const write = prefixWriter('x/{{api_id}}/');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (api_id) => {
        const [first, middle = '', last, ...more] = write(anEntry({ api_id }).record).split('/');
        expect([first, last, more]).toEqual(['x', '', []]);
        expect(middle).toMatch(/^(?!\.+$)[\w.%-]{1,200}$/);
      }),
    );
    expect(prefixFor('{{api_id}}', { api_id: 'x'.repeat(201) })).toMatch(/^[\da-f]{32}$/);
  });
});

describe('the name of an object', () => {
  it('is that of its records, in their order', () => {
    const { entries } = aBatch(3, {}, 'seg');
    const name = objectName(entries);

    expect(name).toMatch(/^seg-0-[\da-f]{16}$/);
    expect(objectName([...entries])).toBe(name);
    for (const others of [entries.slice(0, 2), entries.slice(1), entries.toReversed()])
      expect(objectName(others)).not.toBe(name);
  });
});
