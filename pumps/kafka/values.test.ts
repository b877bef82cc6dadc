import { expect, it } from 'vitest';
import { ByteWriter, jsonWriter } from '#pump';
import { aBatch } from '#pump/testing';
import { messageShape } from './encode.ts';
import { Values } from './values.ts';

const write = jsonWriter(messageShape({}));
// More than are made together, some of them larger than all of those may be.
const { entries } = aBatch(700, (index) => ({
  path: `/${index}`,
  raw_request: 'x'.repeat(index % 300 === 7 ? 300_000 : index),
}));

it('puts the value of each record, again where it is asked for again, and none where it is not', () => {
  const places = entries.map((_, at) => at).filter((at) => at % 5 !== 2);
  const values = new Values(write);
  for (let round = 0; round < 2; round++) {
    values.begin(entries, places);
    for (const [at, place] of places.entries()) {
      if (at % 400 > 350) continue;
      for (let times = at % 3; times >= 0; times--) {
        const [actual, expected] = [new ByteWriter(), new ByteWriter()];
        values.put(at, actual);
        write(entries[place]!.record, expected);
        if (!actual.view().equals(expected.view()))
          expect(actual.view().toString()).toBe(expected.view().toString());
      }
    }
  }
});
