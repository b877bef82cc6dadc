import { expect, test } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

test.each([
  ['', '', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['topic', 'tpoic', 1],
  ['topic', 'topics', 1],
  ['topic', 'tropic', 1],
])('from %j to %j it takes %d steps', (from, to, steps) => {
  expect(editDistance(from, to)).toBe(steps);
  expect(editDistance(to, from)).toBe(steps);
});

test.each([
  ['elasticsearch_ur', 'elasticsearch_url'],
  ['Index-Name', 'index_name'],
  ['indexname', 'index_name'],
  ['uesr', 'user'],
  ['verison', 'version'],
  ['enable_sniffing', undefined],
  ['x', undefined],
])('%s is most like %s', (name, expected) => {
  expect(nearest(name, ['elasticsearch_url', 'index_name', 'user', 'version'])).toBe(expected);
});

test('the nearest of several wins', () => {
  expect(nearest('portt', ['ports_', 'part', 'port'])).toBe('ports_');
  expect(nearest('por', ['part', 'port'])).toBe('port');
});
