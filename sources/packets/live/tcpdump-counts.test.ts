import { expect, it } from 'vitest';
import { TcpdumpCounts } from './tcpdump-counts.ts';

it('tells drops as they grow, by whom, in one line and in several', () => {
  const told: string[] = [];
  const counts = new TcpdumpCounts((packets, by) => told.push(`${packets} ${by}`));

  counts.take(
    'tcpdump: 5 packets captured, 10 packets received by filter, 2 packets dropped by kernel',
  );
  expect([counts.captured, told.splice(0)]).toEqual([5, ['2 kernel']]);

  for (const line of ['9 packets captured', '20 packets received by filter'])
    expect(counts.take(line)).toBe(true);
  counts.take('6 packets dropped by kernel');
  counts.take('1 packet dropped by interface');

  expect([counts.captured, told]).toEqual([9, ['4 kernel', '1 interface']]);
  expect(counts.take('tcpdump: listening on lo, link-type EN10MB (Ethernet)')).toBe(false);
});
