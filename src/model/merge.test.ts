import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ViolationBook } from './compare/violation-book.ts';
import { merged, type Observed } from './merge.ts';
import { openapiOf } from './output/openapi.ts';
import { resolvedModel } from './output/resolved-model.ts';
import { decodeModel } from './state/decode.ts';
import { encodeModel } from './state/encode.ts';
import { aCall, aModel } from './testing.ts';

/** Words and values side by side, members that are not always there, two hosts, a violation now and then. */
const seen = fc.record({
  name: fc.constantFrom('ann', 'bob', 'eve', '17', '18', '2026-12-01', 'search'),
  below: fc.constantFrom('', '/posts', '/posts/9'),
  method: fc.constantFrom('GET', 'POST'),
  host: fc.constantFrom('a.example', 'b.example'),
  status: fc.constantFrom(200, 404),
  got: fc.dictionary(fc.constantFrom('id', 'login', 'tags', 'kind'), fc.jsonValue({ maxDepth: 2 })),
  time: fc.integer({ min: 1, max: 9 }),
});
type Seen = typeof seen extends fc.Arbitrary<infer T> ? T : never;

const callOf = ({ name, below, method, host, got, status, time }: Seen) =>
  aCall(`${method} /users/${name}${below}?q=${name}`, { got, sent: got, host, status, time });

/** A file of a model that has learned these. */
function fileOf(calls: readonly Seen[]): string {
  const violations = new ViolationBook();
  for (const { method, host, name, time } of calls)
    violations.add(
      { host, method, path: '/users', place: 'path', what: name },
      `1-ab:${String(time)}`,
      time,
    );
  return encodeModel(aModel(calls.map(callOf)), violations);
}

const read = (file: string): Observed => decodeModel(file);
const fileOfMerged = (...files: readonly string[]): string => {
  const { model, violations } = merged(files.map(read));
  return encodeModel(model, violations);
};

/** The state without the order of its lists of pairs, which is that of the calls. */
const unordered = (file: string): unknown => sorted(JSON.parse(file));
function sorted(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(sorted).sort((one, other) => (textOf(one) < textOf(other) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, sorted(each)]));
}
const textOf = (value: unknown): string => JSON.stringify(value);

const some = fc.array(seen, { maxLength: 12 });

it('is the same in whatever order models are merged', () => {
  fc.assert(
    fc.property(some, some, some, (a, b, c) => {
      const [one, two, three] = [fileOf(a), fileOf(b), fileOf(c)];
      const all = unordered(fileOfMerged(one, two, three));

      expect(unordered(fileOfMerged(three, one, two))).toEqual(all);
      expect(unordered(fileOfMerged(fileOfMerged(one, two), three))).toEqual(all);
      expect(unordered(fileOfMerged(one, fileOfMerged(two, three)))).toEqual(all);
    }),
    { numRuns: 20 },
  );
});

it('says what one model says that has seen all calls', () => {
  fc.assert(
    fc.property(some, some, (a, b) => {
      const together = read(fileOf([...a, ...b])).model;
      const { model } = merged([read(fileOf(a)), read(fileOf(b))]);

      expect(model.calls).toBe(together.calls);
      expect(openapiOf(resolvedModel(model))).toEqual(openapiOf(resolvedModel(together)));
    }),
    { numRuns: 20 },
  );
});
