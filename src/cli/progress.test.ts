import { describe, expect, it } from 'vitest';
import { millis } from '../lib/units.ts';
import { progressLine, startProgress } from './progress.ts';
import { table } from './table.ts';

function progressOn(isTTY: boolean) {
  const written: string[] = [];
  let now = 0;
  const progress = startProgress({
    label: 'records',
    total: 100,
    output: { write: (text) => written.push(text), isTTY, columns: 30 },
    clock: { elapsed: () => millis(now) },
  });
  const updateAt = (time: number, done: number) => {
    now = time;
    progress.update(done);
  };
  return { written, progress, updateAt };
}

describe('a progress line', () => {
  it('says share, number, rate and time left', () => {
    expect(progressLine({ label: 'records', total: 10_000, done: 5_000, elapsed: 2_000 })).toBe(
      'records [##########----------] 50 % 5,000 of 10,000, 2,500/s, 2 s left',
    );
  });

  it('needs no time to have passed', () => {
    expect(progressLine({ label: 'records', total: 0, done: 0, elapsed: 0 })).toBe(
      'records [####################] 100 % 0 of 0, 0/s',
    );
  });
});

describe('progress', () => {
  it('redraws one line on a terminal, cut to its width, a few times a second', () => {
    const { written, updateAt } = progressOn(true);
    updateAt(10, 1);
    updateAt(100, 50);
    updateAt(150, 60);
    expect(written).toEqual(['\rrecords [##########----------\u001b[K']);
  });

  it('writes few plain lines elsewhere', () => {
    const { written, progress, updateAt } = progressOn(false);
    updateAt(4_999, 10);
    updateAt(5_000, 20);
    progress.end(100);
    expect(written.map((line) => line.slice(0, 35))).toEqual([
      'records [####----------------] 20 %',
      'records [####################] 100 ',
    ]);
    expect(written.join('')).not.toContain('\r');
  });
});

describe('a table', () => {
  it('aligns its columns and leaves no spaces at the ends', () => {
    expect(table([['ID', 'ROUTE'], ['longer', 'x'], ['a']])).toEqual([
      'ID      ROUTE',
      'longer  x',
      'a',
    ]);
  });
});
