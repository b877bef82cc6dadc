import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openapiOf } from '../output/openapi.ts';
import { resolvedModel } from '../output/resolved-model.ts';
import { aModel } from '../testing.ts';
import { scoresOf } from './scores.testing.ts';
import { trafficOf } from './traffic.testing.ts';

/** Descriptions that others wrote, of APIs that nobody here made. */
const documents = [
  '@readme/oas-examples/3.0/json/petstore.json',
  '@readme/oas-examples/3.0/json/star-trek.json',
  '@readme/oas-examples/3.0/json/uspto.json',
  '@readme/oas-examples/3.1/json/train-travel.json',
  '@figma/rest-api-spec/openapi/openapi.yaml',
];

describe.each(documents)('traffic as %s describes it', (file) => {
  const url = new URL(`../../../node_modules/${file}`, import.meta.url);
  const document = parse(readFileSync(url, 'utf8'), { maxAliasCount: -1 }) as Record<
    string,
    unknown
  >;

  it.each([
    ['new values in paths', { calls: 30, seed: 1 }],
    ['values of a few dozen', { calls: 60, seed: 2, pool: 40 }],
  ])('is recognised, with %s', (_, options) => {
    const { templates, required } = scoresOf(trafficOf(document, options));

    expect(templates.precision).toBeGreaterThanOrEqual(0.95);
    expect(templates.recall).toBeGreaterThanOrEqual(0.95);
    expect(required.precision).toBeGreaterThanOrEqual(0.98);
    expect(required.recall).toBeGreaterThanOrEqual(0.98);
  });

  it('becomes a valid description', async () => {
    const { calls } = trafficOf(document, { calls: 10, seed: 3 });

    const result = await new Validator().validate(openapiOf(resolvedModel(aModel(calls))));

    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
  });
});
