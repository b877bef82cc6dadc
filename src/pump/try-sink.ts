import type { PumpEntry } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { silentMetrics } from '../lib/metrics.ts';
import type { PreparedPump } from './define-pump.ts';
import { documentRulesOf } from './document.ts';
import type { Health } from './sink.ts';

export interface TriedPump {
  readonly entry: Pick<PumpEntry, 'name' | 'rules'>;
  readonly pump: PreparedPump;
}

/** Opens a sink, asks how it is, and closes it. Nothing is delivered. Rejects where it does not open. */
export async function trySink(
  { entry, pump }: TriedPump,
  clock: Clock,
  signal: AbortSignal,
): Promise<Health> {
  const sink = await pump.open(
    {
      route: entry.name,
      log: silentLog,
      programLog: silentLog,
      clock,
      metrics: silentMetrics,
      // Named in what `deliver` sends, and nothing is delivered.
      processId: 0,
      documents: documentRulesOf(entry.rules),
      // Only `deliver` writes there, and nothing is delivered.
      writeOutput: () => Promise.resolve(),
      logTaken: () => Promise.resolve(),
      // Nobody could ask for the page: no server serves it.
      mount: () => () => undefined,
    },
    signal,
  );
  try {
    return await sink.check(signal);
  } finally {
    await sink.close(signal);
  }
}
