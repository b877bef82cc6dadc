import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '#pump';
import { AllStored, readAllStored as readBytes } from './all-stored.ts';
import { judgeBulk } from './answer.ts';

const sent = { isWholeBatch: true, hasOurIds: false, idAt: undefined };

const readAllStored = (json: string): AllStored | undefined => readBytes(Buffer.from(json));

const statuses = fc.constantFrom(200, 201, 200.5, 2010, 202, 409, 429, 500);
const result = fc.oneof(
  { weight: 6, arbitrary: fc.record({ status: fc.constantFrom(200, 201) }) },
  { weight: 1, arbitrary: fc.record({ status: statuses }) },
  {
    weight: 2,
    arbitrary: fc.record(
      { _index: fc.string(), _id: fc.constantFrom('"status":201}', 'a:1', '\\'), status: statuses },
      { requiredKeys: [] },
    ),
  },
);
const answers = fc.record({
  errors: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.boolean()),
  items: fc.array(fc.record({ create: result }), { maxLength: 5 }),
});

describe('an answer that says that all was stored', () => {
  it.each([
    [
      'filtered',
      '{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":200}}]}',
      2,
    ],
    [
      'in full',
      '{"took":1,"errors":false,"items":[{"create":{"_id":"a\\"status\\":201}","result":"created","status":201,"_seq_no":0}}]}',
      1,
    ],
    [
      'filtered, where all are alike',
      `{"errors":false,"items":[${new Array(3).fill('{"create":{"status":201}}').join(',')}]}`,
      3,
    ],
    ['with a time', '{"errors":false,"took":9,"items":[{"index":{"status":200}}]}', 1],
    ['about nothing', '{"errors":false,"items":[]}', 0],
  ])('is counted %s', (_, json, count) => {
    expect(readAllStored(json)?.count).toBe(count);
  });

  it.each([
    ['with an error', '{"errors":true,"items":[{"create":{"status":201}}]}'],
    ['with another status', '{"errors":false,"items":[{"create":{"status":202}}]}'],
    ['with a longer number', '{"errors":false,"items":[{"create":{"status":2011}}]}'],
    [
      'with one item cut short',
      '{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":20}}]}',
    ],
    ['with half an item', '{"errors":false,"items":[{"create":{"status":201}},{"create":{"st]}'],
    [
      'without a comma',
      '{"errors":false,"items":[{"create":{"status":201}} {"create":{"status":201}}]}',
    ],
    [
      'with other words between',
      '{"errors":false,"items":[{"create":{"status":201}}x{"create":{"status":201}}]}',
    ],
    ['with spaces', '{"errors": false, "items": [{"create":{"status":201}}]}'],
    ['cut off', '{"errors":false,"items":[{"create":{"status":201}}'],
    ['of another kind', '{"status":200}'],
  ])('is not seen in one %s', (_, json) => {
    expect(readAllStored(json)).toBeUndefined();
  });

  it('gives the verdicts that parsing gives', () => {
    fc.assert(
      fc.property(answers, fc.nat(6), ({ errors, items }, count) => {
        const json = JSON.stringify({ errors, items });
        const judge = (body: unknown): readonly Verdict[] => {
          const said = judgeBulk({ status: 200, body, headers: {} }, { ...sent, count });
          return 'outcome' in said ? new Array<Verdict>(count).fill(said) : said;
        };

        expect(judge(readAllStored(json) ?? JSON.parse(json))).toEqual(judge(JSON.parse(json)));
      }),
      { numRuns: 500 },
    );
  });

  it('is parsed when the number of records is another', () => {
    const json = '{"errors":false,"items":[{"create":{"status":201}}]}';

    const said = judgeBulk(
      { status: 200, body: new AllStored(1, Buffer.from(json)), headers: {} },
      { ...sent, count: 2 },
    );

    expect(said).toMatchObject({ outcome: 'retry' });
  });
});
