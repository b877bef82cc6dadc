import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openapiOf } from '../output/openapi.ts';
import { resolvedModel } from '../output/resolved-model.ts';
import { aModel } from '../testing.ts';
import { type Score, scoresOf } from './scores.testing.ts';
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
    ['members that are seldom missing', { calls: 30, seed: 14, optional: 0.8 }],
  ] as const)('is recognised, with %s', (_, options) => {
    const { templates, required } = scoresOf(trafficOf(document, options));

    expectGood(templates, 0.95);
    expectGood(required, 0.98);
  });

  // All paths of USPTO begin with two values: of a few of them nothing tells that they are not words.
  it.skipIf(file.includes('uspto')).each([
    ['ten words', { calls: 30, seed: 9, values: 'word', pool: 10 }],
    ['ten names', { calls: 100, seed: 12, values: 'name', pool: 10, isCorrelated: true }],
  ] as const)('is recognised, with values in paths from %s', (_, options) => {
    const { templates, required } = scoresOf(trafficOf(document, options));

    expectGood(templates, 0.95);
    expectGood(required, 0.98);
  });

  it('becomes a valid description', async () => {
    const { calls } = trafficOf(document, { calls: 10, seed: 3 });

    const result = await new Validator().validate(openapiOf(resolvedModel(aModel(calls))));

    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
  });
});

function expectGood({ precision, recall, wrong, missed }: Score, least: number): void {
  expect(precision, `wrong: ${wrong.join(' ')}`).toBeGreaterThanOrEqual(least);
  expect(recall, `missed: ${missed.join(' ')}`).toBeGreaterThanOrEqual(least);
}
