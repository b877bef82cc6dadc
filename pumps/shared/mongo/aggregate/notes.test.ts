import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Notes } from './notes.ts';

const entry = fc.record({
  segment: fc.constantFrom('1-a', '2-b', '3-c'),
  index: fc.nat({ max: 60 }),
});

describe('the notes of a document', () => {
  it('know what was noted and nothing else, in as few pairs as there are gaps', () => {
    fc.assert(
      fc.property(fc.array(fc.array(entry, { maxLength: 20 })), (batches) => {
        const notes = new Notes();
        const all = new Set<string>();
        for (const batch of batches) {
          notes.apply(notes.with(batch));
          for (const { segment, index } of batch) all.add(`${segment}:${index}`);
        }
        for (const segment of ['1-a', '2-b', '3-c', '4-d'])
          for (let index = 0; index <= 61; index++)
            expect(notes.has({ segment, index })).toBe(all.has(`${segment}:${index}`));
        for (const [, bounds] of notes.with(
          [...all].map((id) => {
            const [segment = '', index] = id.split(':');
            return { segment, index: Number(index) };
          }),
        ).noted)
          expect([...bounds].sort((one, other) => one - other)).toEqual(bounds);
      }),
      { numRuns: 200 },
    );
  });

  it('are one pair for a whole segment, whatever the order in which its parts came', () => {
    const notes = new Notes();
    for (const from of [40, 0, 20])
      notes.apply(
        notes.with(Array.from({ length: 20 }, (_, at) => ({ segment: '1-a', index: from + at }))),
      );

    expect(notes.with([{ segment: '1-a', index: 5 }]).noted.get('1-a')).toEqual([0, 60]);
  });

  it('forget the oldest segments, and none of the batch, above a number that is far off', () => {
    const segments = Array.from(
      { length: 20_000 },
      (_, at) => [`${1_000_000 + at}-x`, [0, 1]] as const,
    );
    const notes = new Notes(segments);

    const change = notes.with([
      { segment: '5-late', index: 0 },
      { segment: '9999999-new', index: 0 },
    ]);
    notes.apply(change);

    expect(change.forgotten).toEqual(['1000000-x', '1000001-x']);
    expect(notes.has({ segment: '5-late', index: 0 })).toBe(true);
    expect(notes.has({ segment: '1000000-x', index: 0 })).toBe(false);
  });
});
