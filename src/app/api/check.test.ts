import { expect, it } from 'vitest';
import { whatIsWrong } from './check.ts';
import { choice, count, flag, list, nullable, object, optional, text } from './schema.ts';

const schema = object({
  name: { ...text(), minLength: 1, maxLength: 3 },
  of: optional(choice(['a', 'b'])),
  records: optional({ ...count(), maximum: 9 }),
  all: optional(flag()),
  maybe: optional(nullable(count())),
  ids: optional({ ...list(text()), minItems: 1, maxItems: 2 }),
});

it.each([
  { name: 'x' },
  { name: 'xyz', of: 'b', records: 9, all: false, maybe: null, ids: ['1', '2'] },
])('nothing is wrong with %j', (value) => {
  expect(whatIsWrong(value, schema, 'it')).toBeUndefined();
});

it.each<[unknown, string]>([
  [null, 'it is null, not an object'],
  [[], 'it is an array, not an object'],
  ['x', 'it is a text, not an object'],
  [{}, 'it.name is missing'],
  [Object.create({ name: 'x' }), 'it.name is missing'],
  [{ name: 7 }, 'it.name is an integer, not a text'],
  [{ name: '' }, 'it.name is 0 characters long, and must be at least 1'],
  [{ name: 'long' }, 'it.name is 4 characters long, and may be at most 3'],
  [{ name: 'x', nam: 1 }, 'it has no "nam"; it may have name, of, records, all, maybe, ids'],
  [JSON.parse('{"name": "x", "__proto__": 1}'), 'it has no "__proto__"; it may have'],
  [{ name: 'x', of: 'c' }, 'it.of must be one of "a", "b"'],
  [{ name: 'x', records: 1.5 }, 'it.records is a number, not an integer'],
  [{ name: 'x', records: -1 }, 'it.records is -1, and must be at least 0'],
  [{ name: 'x', records: 10 }, 'it.records is 10, and may be at most 9'],
  [{ name: 'x', all: 'true' }, 'it.all is a text, not a boolean'],
  [{ name: 'x', maybe: '1' }, 'it.maybe is a text, not an integer or null'],
  [{ name: 'x', ids: [] }, 'it.ids is 0 elements long, and must be at least 1'],
  [{ name: 'x', ids: ['1', '2', '3'] }, 'it.ids is 3 elements long, and may be at most 2'],
  [{ name: 'x', ids: ['1', 2] }, 'it.ids[1] is an integer, not a text'],
])('of %j it says so', (value, expected) => {
  expect(whatIsWrong(value, schema, 'it')).toContain(expected);
});
