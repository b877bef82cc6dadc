import { describe, expect, it } from 'vitest';
import { groupsOfItems, itemsOf } from './analyse.ts';

const node = (id: number, functionName: string, url = '', lineNumber = 0) => ({
  id,
  callFrame: { functionName, url, lineNumber, columnNumber: 0 },
});

const profile = {
  nodes: [
    node(1, '(idle)'),
    node(2, 'scan', 'file:///build/dist/src/record/msgpack/scan.js', 41),
    node(3, 'writev', 'node:internal/stream_base_commons'),
    node(4, '(garbage collector)'),
    node(5, 'parse', 'file:///x/node_modules/ioredis/built/parser.js'),
    // The same function called from elsewhere.
    node(6, 'scan', 'file:///build/dist/src/record/msgpack/scan.js', 41),
  ],
  samples: [1, 2, 6, 3, 4, 5],
  timeDeltas: [9_000, 1_000, 3_000, 2_000, 1_000, 1_000],
};

describe('the items of a profile', () => {
  it('add up what a function took wherever it was called, without idle time', () => {
    const [first] = itemsOf([profile], (_url, line) => line + 100);

    expect(first).toEqual({
      group: 'ours',
      name: 'scan src/record/msgpack/scan.ts:142',
      millis: 4,
      percent: 50,
    });
  });

  it('are grouped by whose code it is', () => {
    const groups = groupsOfItems(itemsOf([profile, profile], () => undefined));

    expect(groups.map(({ group, millis }) => [group, millis])).toEqual([
      ['ours', 8],
      ['node', 4],
      ['collector', 2],
      ['packages', 2],
    ]);
  });
});
