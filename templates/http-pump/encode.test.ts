import { expect, it } from 'vitest';
import { aBatch } from '#pump/testing';
import { documentShape, linesWriter } from './encode.ts';

const linesOf = linesWriter(documentShape);

it('is a line of JSON for each record', () => {
  const text = Buffer.from(linesOf(aBatch(2, (index) => ({ path: `/pets/${index}` })))).toString();

  expect(text.endsWith('\n')).toBe(true);
  const lines = text.trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { method: 'GET', path: '/pets/0' },
    { method: 'GET', path: '/pets/1' },
  ]);
});
