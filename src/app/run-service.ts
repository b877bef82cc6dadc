import { explain } from '../lib/errors.ts';
import { millis } from '../lib/units.ts';
import { inTime, later, sharedAbort, unlessAborted } from '../lib/waiting.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';
import type { Purge } from '../purge/purge.ts';
import { sayStopped } from './crew.ts';
import type { AppParts } from './parts.ts';
import type { Service } from './service.ts';
import { finishingTime, workersTime } from './stop-times.ts';

const lastClaimTime = millis(2000);
const closingTime = millis(1000);

/**
 * Runs the service and stops it in the order data flows: claim first, then routes, then what they stand on. Resolves
 * with the exit code.
 */
export async function runService(
  service: Service,
  parts: AppParts,
  stop: AbortSignal,
): Promise<number> {
  const { config, log } = parts;
  const seconds = config.purge.delay / 1000;
  log.info({ prefix: 'main' }, `Starting purge loop @${seconds}, chunk size ${config.purge.chunk}`);
  try {
    return await run(service, parts, stop);
  } finally {
    await closeSpill(service, parts);
  }
}

/** A disk that does not answer is not waited for: the next start takes the folder over as it is. */
async function closeSpill({ spill }: Service, { clock, log }: AppParts): Promise<void> {
  if (spill === undefined) return;
  await inTime(spill.close(), { clock, time: closingTime }, () =>
    log.warn({ prefix: 'main' }, 'The spill did not close in time; the disk does not answer.'),
  );
}

async function run(service: Service, parts: AppParts, stop: AbortSignal): Promise<number> {
  const { purge, news, crew, pool, stock, controls } = service;
  const { clock, log } = parts;
  const stopping = sharedAbort();
  const abandon = sharedAbort();
  const late = sharedAbort();
  const signals = { stop: stopping.signal, abandon: abandon.signal, late: late.signal };
  const stopped = (pump: CheckedPump): void => sayStopped(log, pump);
  const running = Promise.all([
    crew.run(signals, stopped),
    news === undefined ? 0 : (pool?.run(news, signals) ?? 0),
  ]);

  // Ends by itself where the feed of demo mode ends. At the operator's signal the stop's time begins at once: a loop that
  // waits for a Redis that does not answer must not delay it.
  const counting = stock?.run(stop);
  const watching = controls?.watch(stop);
  const claiming = purge.run(stop);
  await unlessAborted(claiming, undefined, stop);
  log.info({ prefix: 'main' }, 'Stopping: nothing more is claimed.');
  stopping.abort();
  const { delivery } = service.inForce.config;
  const ended = new AbortController();
  later(clock, finishingTime(delivery), () => abandon.abort(), ended.signal);
  later(clock, workersTime(delivery), () => late.abort(), ended.signal);
  const unsettled = (await running).reduce((sum, ranges) => sum + ranges, 0);
  ended.abort();
  for (const pump of service.inForce.pumps) if (pool?.has(pump.entry.name) === true) stopped(pump);
  const lost = await finish(claiming, purge, parts);
  await counting;
  await watching;
  await crew.end();

  if (unsettled > 0 && purge.mode === 'at-least-once')
    log.info(
      { prefix: 'main', ranges: unsettled },
      'Ranges were given back unanswered; the next start or another instance delivers them.',
    );
  return lost > 0 ? 1 : 0;
}

/**
 * The end of claiming, and the last reclaiming or giving back: gives how many records are lost, by which only those can be that were
 * popped (at-most-once). All else that fails here is safe: it is done by the next start.
 */
async function finish(
  claiming: Promise<void>,
  purge: Purge,
  { clock, log }: AppParts,
): Promise<number> {
  const deadline = { clock, time: lastClaimTime };
  const late = (): number => {
    if (purge.mode === 'at-least-once') return 0;
    log.error(
      { prefix: 'main' },
      'Redis did not answer in time: what was popped and no pump had answered for may be lost (at-most-once).',
    );
    return Number.POSITIVE_INFINITY;
  };
  const failed = (error: unknown): number => {
    log.warn({ error: explain(error) }, 'The last clearing up failed; the next start does it.');
    return 0;
  };
  // A time for each: what was popped must be given back also where the last claim takes too long, or failed.
  await inTime(claiming, deadline, () => undefined).catch(failed);
  return inTime(purge.finish(), deadline, late).catch(failed);
}
