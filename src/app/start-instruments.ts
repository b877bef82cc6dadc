import type { ProcessInstruments } from '../lib/instruments.ts';
import type { AppParts } from './parts.ts';

/** Instruments that are at work until they are closed. */
export interface StartedInstruments extends ProcessInstruments {
  close(): void;
}

/** Read and started where the configuration names a daemon; everybody else pays nothing for it. */
export async function startInstruments({
  config: { statsd },
  clock,
  log,
}: Pick<AppParts, 'config' | 'clock' | 'log'>): Promise<StartedInstruments | undefined> {
  if (statsd === undefined) return undefined;
  const [{ StatsdInstruments }, { watchGc }] = await Promise.all([
    import('../telemetry/instruments/statsd-instruments.ts'),
    import('../telemetry/instruments/gc-pauses.ts'),
  ]);
  const main = log.child({ prefix: 'main' });
  const instruments = new StatsdInstruments({ ...statsd, clock, log: main, watchGc });
  instruments.start();
  return instruments;
}
