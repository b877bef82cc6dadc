import { expect, it } from 'vitest';
import { ByteWriter, type Shape } from '#pump';
import { aBatch } from '#pump/testing';
import { documentShape, linesWriter } from './encode.ts';

function linesOf(document: Shape, withIds: boolean): readonly string[] {
  const out = new ByteWriter(8);
  linesWriter(document, withIds)(aBatch(2, {}, 'seg').entries, out);
  return out.view().toString('utf8').split('\n');
}

it('is a line of JSON for each record', () => {
  const [first = '', second = '', ...rest] = linesOf(documentShape, false);

  expect([first, second].map((line): unknown => JSON.parse(line))).toMatchObject([
    ...[{ method: 'GET' }, { method: 'GET' }],
  ]);
  expect(rest).toEqual(['']);
});

it('begins with the record’s id where that is wanted, whatever else it has', () => {
  const method: Shape = documentShape.filter(({ key }) => key === 'method');

  expect(linesOf(method, true)).toEqual([
    ...['{"record_id":"seg:0","method":"GET"}', '{"record_id":"seg:1","method":"GET"}', ''],
  ]);
  expect(linesOf([], true)).toEqual(['{"record_id":"seg:0"}', '{"record_id":"seg:1"}', '']);
});
