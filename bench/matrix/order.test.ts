import { describe, expect, it } from 'vitest';
import type { Cell } from '../cell.ts';
import { runOf } from '../testing/runs.testing.ts';
import { stepsOf } from './order.ts';

const cell: Cell = { sink: 'csv', size: '1KB', encoding: 'msgpack', backlog: 100_000 };
const short = (steps: ReturnType<typeof stepsOf>): readonly string[] =>
  steps.map(({ cell: { sink }, pump, round }) => `${sink} ${pump} ${round}`);

describe('the order of the runs', () => {
  it('lets the pumps of a cell take turns', () => {
    const steps = stepsOf([cell, { ...cell, sink: 'dummy' }], ['a', 'b'], 2, []);

    expect(short(steps)).toEqual([
      ...['csv a 1', 'csv b 1', 'csv a 2', 'csv b 2'],
      ...['dummy a 1', 'dummy b 1', 'dummy a 2', 'dummy b 2'],
    ]);
  });

  it('lets the distances take turns as well, for they are compared', () => {
    const cells = [0, 20].map((rtt) => ({ ...cell, rtt }));
    const steps = stepsOf([...cells, cell], ['a', 'b'], 2, []);
    const turns = steps.map(({ cell: { rtt }, pump, round }) => `${rtt} ${pump} ${round}`);

    expect(turns.slice(0, 4)).toEqual(['0 a 1', '20 a 1', '0 b 1', '20 b 1']);
    expect(turns.slice(8)).toEqual([
      ...['undefined a 1', 'undefined b 1', 'undefined a 2', 'undefined b 2'],
    ]);
  });

  it('leaves out what is there, and repeats what failed', () => {
    const lines = [
      runOf({ ...cell, pump: 'a', round: 1 }),
      runOf({ ...cell, pump: 'b', round: 1, failure: '3 records lost' }),
      runOf({ ...cell, pump: 'a', round: 2, encoding: 'protobuf' }),
    ];

    expect(short(stepsOf([cell], ['a', 'b'], 2, lines))).toEqual(['csv b 1', 'csv a 2', 'csv b 2']);
  });
});
