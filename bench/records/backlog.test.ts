import { describe, expect, it } from 'vitest';
import { decoders } from '../../src/record/decoders.ts';
import { encodings } from '../cell.ts';
import { Seen } from '../sinks/seen.ts';
import { listsOf, portionOf } from './backlog.ts';

describe('a backlog', () => {
  it('is in one list, or in all that the gateway has', () => {
    expect(listsOf('msgpack')).toEqual(['analytics-tyk-system-analytics']);
    expect(listsOf('protobuf')).toEqual(['analytics-tyk-system-analytics_protobuf']);
    expect(new Set(listsOf('both')).size).toBe(22);
  });

  it.each(encodings)('has every record once, in the encoding of its list (%s)', (encoding) => {
    const backlog = 9_000;
    const portions = [0, 4_000, 8_000].flatMap((first) =>
      portionOf({ size: '1KB', encoding, backlog }, first),
    );
    const seen = new Seen(backlog);

    for (const { list, elements } of portions) {
      const suffix = list.endsWith('_protobuf') ? '_protobuf' : '';
      const chunk = decoders.find(({ keySuffix }) => keySuffix === suffix)!.decode(elements);
      for (const at of elements.keys())
        seen.addAll(Buffer.from(String(chunk.record(at)!.list('tags'))));
    }

    expect([seen.lost, seen.invented]).toEqual([0, 0]);
    expect(new Set(portions.map(({ list }) => list))).toEqual(new Set(listsOf(encoding)));
  });
});
