import { describe, expect, it } from 'vitest';
import { benchRecord } from '../records/record.ts';
import { bulkAnswer } from './bulk-answer.ts';
import { BulkDocuments } from './bulk-documents.ts';

interface Answer {
  readonly errors: boolean;
  readonly items: readonly Readonly<Record<string, { readonly status: number }>>[];
}

const document = (index: number): string => JSON.stringify(benchRecord(index, '1KB'));
const body = (lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\n')}\n`);
const create = (id: string): string => `{"create":{"_index":"i","_id":"${id}"}}`;

describe('the bulk documents', () => {
  it('are counted with and without ids', () => {
    const documents = new BulkDocuments(3, 0);
    documents.take(body([create('a:0'), document(0), create('a:1'), document(1)]));
    documents.take(body(['{"index":{"_index":"i"}}', document(2)]));

    expect([documents.seen.lost, documents.seen.invented, documents.ids]).toEqual([0, 0, 2]);
  });

  it('conflict where a create brings an id again, and are not stored twice', () => {
    const documents = new BulkDocuments(1, 0);
    const again = body([create('a:0'), document(0)]);

    expect(documents.take(again).statuses).toEqual([201]);
    expect(documents.take(again).statuses).toEqual([409]);
    expect([documents.conflicts, documents.seen.invented]).toEqual([1, 0]);
  });

  it('are stored twice without ids, and that shows', () => {
    const documents = new BulkDocuments(1, 0);
    const lines = body(['{"index":{"_index":"i"}}', document(0)]);
    documents.take(lines);
    documents.take(lines);

    expect(documents.seen.invented).toBe(1);
  });

  it('are not stored where they are refused', () => {
    const documents = new BulkDocuments(1, 1);

    expect(documents.take(body([create('a:0'), document(0)])).statuses).toEqual([429]);
    expect(documents.seen.lost).toBe(1);
  });

  it('that hold no record of ours are noticed', () => {
    const documents = new BulkDocuments(1, 0);
    documents.take(body([create('a:0'), '{"other":1}']));

    expect(documents.withoutRecord).toBe(1);
  });
});

describe('the bulk answer', () => {
  it.each([true, false])('is JSON with a status for each document (short: %s)', (isShort) => {
    const outcome = { statuses: [201, 409, 429], isCreate: true };
    const answer = JSON.parse(bulkAnswer(outcome, isShort)) as Answer;

    expect(answer.errors).toBe(true);
    expect(answer.items.map((item) => item['create']?.status)).toEqual([201, 409, 429]);
  });

  it('has no errors where all went well', () => {
    expect(bulkAnswer({ statuses: [201], isCreate: false }, true)).toContain('"errors":false');
  });
});
