import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, it } from 'vitest';
import { openApiFile } from '../../../scripts/option-tables.ts';
import { endpoints } from './endpoints.ts';

const file = new URL('../../../docs/openapi.json', import.meta.url);

it('is in docs/openapi.json as the table has it (npm run option-tables)', () => {
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(openApiFile()));
});

it('is OpenAPI 3.1', async () => {
  const document = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
  const validator = new Validator();
  expect(await validator.validate(document)).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
  // It can say no.
  expect((await new Validator().validate({ ...document, paths: { status: {} } })).valid).toBe(
    false,
  );
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
