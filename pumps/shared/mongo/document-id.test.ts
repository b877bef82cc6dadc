import { expect, it } from 'vitest';
import { aBatch } from '#pump/testing';
import { DocumentIds, idSize } from './document-id.ts';

function idsOf(batch: ReturnType<typeof aBatch>, salt = 'mongo'): readonly string[] {
  const ids = new DocumentIds(salt);
  return batch.entries.map((entry) => {
    const bytes = new Uint8Array(idSize);
    ids.put(entry, new DataView(bytes.buffer), 0);
    return Buffer.from(bytes).toString('hex');
  });
}

it('is the same at every repeat, and another one for every record, segment and pump', () => {
  const batch = aBatch(500, {}, 'one');

  expect(idsOf(batch)).toEqual(idsOf(batch));
  const all = [...idsOf(batch), ...idsOf(batch, 'mongo-mcp'), ...idsOf(aBatch(500, {}, 'two'))];
  expect(new Set(all).size).toBe(1_500);
});

it('begins with the time of the record, whatever that is', () => {
  const at = (seconds: number | bigint): string | undefined =>
    idsOf(aBatch(1, { timestamp: { seconds } }))[0]?.slice(0, 8);

  expect(at(0x6543_210f)).toBe('6543210f');
  expect(at(-1)).toBe('00000000');
  expect(at(2n ** 62n)).toBe('ffffffff');
});

it('does not change between versions: what is there must be known again', () => {
  expect(
    idsOf(aBatch(2, { timestamp: { seconds: 1 } }, '1700000000000000-1')),
  ).toMatchInlineSnapshot(`
    [
      "000000018f1c0eb21c48240b",
      "00000001f3def53a0b7ef01d",
    ]
  `);
});
