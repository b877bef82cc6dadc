import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openApiFile } from '../../../scripts/option-tables.ts';
import { endpoints } from './endpoints.ts';

it('is in docs/openapi.json as the table has it (npm run option-tables)', () => {
  const file = new URL('../../../docs/openapi.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(openApiFile()));
});

it('has each endpoint once, and each id once', () => {
  const names = endpoints.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(endpoints.map(({ id }) => id)).size).toBe(names.length);
});

it.each(endpoints.map((each) => [`${each.method} ${each.path}`, each] as const))(
  'says what the parts in braces of %s are',
  (_, { path, places = {} }) => {
    const inBraces = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(places)).toEqual(inBraces);
  },
);
