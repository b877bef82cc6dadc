import { describe, expect, it } from 'vitest';
import { commandsBetween, parseCounters } from './redis-counters.ts';

const info = (llen: number, get: number): string =>
  [
    '# Commandstats',
    `cmdstat_llen:calls=${llen},usec=10,usec_per_call=1.00,rejected_calls=0,failed_calls=0`,
    `cmdstat_client|setinfo:calls=${get},usec=1,usec_per_call=1.00`,
    'cmdstat_info:calls=77,usec=10,usec_per_call=1.00',
    '# Stats',
    'total_net_output_bytes:4096',
  ].join('\r\n');

describe('the counters of a Redis', () => {
  it('are read from INFO', () => {
    const { calls, bytesOut } = parseCounters(info(5, 2));

    expect([calls.get('llen'), calls.get('client|setinfo'), bytesOut]).toEqual([5, 2, 4096]);
  });

  it('count what came in between, without our own questions', () => {
    const commands = commandsBetween(
      parseCounters(info(5, 2)),
      parseCounters(info(25, 12)),
      new Map([['llen', 15]]),
    );

    expect(commands).toBe(5 + 10);
  });
});
