import { setTimeout as delay } from 'node:timers/promises';
import { shortCount } from '../cell.ts';
import { contendersOf } from '../matrix/matrix.ts';
import type { BenchOptions } from '../options.ts';
import type { Waits } from '../results.ts';
import { runOnce } from '../run.ts';
import { bulkSink } from '../sinks/bulk-sink.ts';
import type { BenchChild, Numbers } from '../sinks/child.ts';
import { startChild } from '../sinks/child.ts';
import { inSession } from './session.ts';

const cell = { sink: 'elasticsearch', size: '1KB', encoding: 'msgpack' } as const;
/** Milliseconds for which a Redis at rest is asked. */
const restFor = 10_000;

/** What another client of the same Redis waits while each pump drains a backlog, beside the same at rest. */
export function measureLatency(options: BenchOptions, args: readonly string[]): Promise<number> {
  const backlog = options.backlog ?? 1_000_000;
  return inSession(options, args, async (bench, keep) => {
    const sink = await bulkSink();
    const pinger = await startChild('../extra/pinger.ts');
    try {
      for (const contender of contendersOf(options)) {
        console.log(`${contender.name}: making ${shortCount(backlog)} records …`);
        const order = { ...cell, backlog, contender, round: 1 };
        await bench.backlog.prepare(order, () => undefined);
        const idle = await waitsAtRest(pinger, bench.server.port);
        let draining: Waits | undefined;
        const run = await runOnce(bench, sink, order, {
          onStarting: () => pinger.ask('begin', { port: bench.server.port }),
          onArrived: async () => {
            draining = waitsOf(await pinger.ask('look'));
          },
        });
        if (run.failure !== undefined) console.log(`FAILED: ${run.failure}`);
        if (run.failure !== undefined || draining === undefined) return 1;
        keep({ kind: 'latency', pump: contender.name, backlog, idle, draining });
        print('at rest', idle);
        print(`${contender.name} drains at ${run.recordsPerSecond} records/s`, draining);
      }
      return 0;
    } finally {
      await pinger.close();
      await sink.close();
    }
  });
}

async function waitsAtRest(pinger: BenchChild, port: number): Promise<Waits> {
  await pinger.ask('begin', { port });
  await delay(restFor);
  return waitsOf(await pinger.ask('look'));
}

function waitsOf(numbers: Numbers): Waits {
  const { pings = 0, p50 = 0, p99 = 0, p999 = 0, max = 0 } = numbers;
  return { pings, p50, p99, p999, max };
}

const print = (what: string, { pings, p50, p99, p999, max }: Waits): void =>
  console.log(
    `  ${what}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, p99.9 ${p999.toFixed(2)} ms, longest ${max.toFixed(2)} ms of ${pings} pings`,
  );
