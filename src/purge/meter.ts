import type { Clock } from '../lib/clock.ts';
import type { Instruments } from '../lib/instruments.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Millis } from '../lib/units.ts';

/** What Redis may refuse, for one metric. */
export const attempts = [
  'claim',
  'give memory back',
  'keep to the bounds',
  'tidy',
  /** Not refused by Redis but by us: a list has a layout that this version does not know. */
  'know the layout',
] as const;

/** What the purge loop counts. */
export type PurgeMeter = ReturnType<typeof createPurgeMeter>;

/** For these routes every counter is there from the start: what comes first must be an increase. */
export function createPurgeMeter(
  metrics: Metrics,
  clock: Pick<Clock, 'now'>,
  routes: readonly string[] = [],
  instruments?: Instruments,
) {
  /** Whether the round under way has taken something. */
  let hasClaimed = false;
  const claimedRecords = metrics.counter({
    name: 'sluice_claimed_records_total',
    help: 'Records taken from the gateway’s lists by this instance.',
  });
  const claimedBytes = metrics.counter({
    name: 'sluice_claimed_bytes_total',
    help: 'Bytes taken from the gateway’s lists by this instance, estimated by Redis.',
  });
  const adoptedRecords = metrics.counter({
    name: 'sluice_adopted_records_total',
    help: 'Claimed records that nothing named any more, found in Redis and delivered since.',
  });
  const refusals = metrics.counter({
    name: 'sluice_redis_refusals_total',
    help: 'Times Redis refused an operation on a list (claiming it, giving its memory back, keeping to the bounds, forgetting what nobody needs), or our scripts refused it because this version does not know the layout of the list.',
    labels: ['attempt'],
  });
  for (const attempt of attempts) refusals.add(0, { attempt });
  const unclaimable = metrics.gauge({
    name: 'sluice_unclaimable_lists',
    help: 'Gateway lists that Redis has refused to let us claim for two rounds or more. Their records wait there.',
  });
  unclaimable.set(0);
  const foreign = metrics.gauge({
    name: 'sluice_foreign_layout_lists',
    help: 'Gateway lists that this version does not touch, because their keys have a layout that it does not know. Their records wait there.',
  });
  foreign.set(0);
  const unread = metrics.gauge({
    name: 'sluice_unread_record_bytes',
    help: 'Bytes of dead letters that are larger than Redis sends (client-output-buffer-limit): kept there without having been read.',
  });
  const reclaimedBytes = metrics.counter({
    name: 'sluice_reclaimed_bytes_total',
    help: 'Bytes of segments given back to Redis after every route had answered.',
  });
  const shedRecords = metrics.counter({
    name: 'sluice_shed_records_total',
    help: 'Records dropped for one route because Redis held more than it may. Lost for that route.',
    labels: ['route'],
  });
  const retainedBytes = metrics.gauge({
    name: 'sluice_retained_bytes',
    help: 'Bytes of claimed segments in Redis, over all instances.',
  });
  const holding = metrics.gauge({
    name: 'sluice_claim_holding',
    help: '1 while claiming pauses because the bound on retained bytes is reached.',
  });
  const mismatches = metrics.counter({
    name: 'sluice_ledger_mismatches_total',
    help: 'Times the ledger of a route did not close. Anything but 0 is a bug.',
    labels: ['route'],
  });
  const booked = metrics.gauge({
    name: 'sluice_ledger_records',
    help: 'What became of the records claimed for a route, over all instances: their sum is sluice_ledger_claimed_records.',
    labels: ['route', 'outcome'],
  });
  const ledgerClaimed = metrics.gauge({
    name: 'sluice_ledger_claimed_records',
    help: 'Records claimed for a route since its books began, over all instances.',
    labels: ['route'],
  });
  const lastClaim = metrics.gauge({
    name: 'sluice_last_claim_timestamp_seconds',
    help: 'When this instance last took records from the gateway’s lists. 0: not yet.',
  });
  const lagRecords = metrics.gauge({
    name: 'sluice_route_lag_records',
    help: 'Claimed records the route has not answered for, at most.',
    labels: ['route'],
  });
  const lagSeconds = metrics.gauge({
    name: 'sluice_route_lag_seconds',
    help: 'Age of the oldest claim the route has not answered for.',
    labels: ['route'],
  });
  const leadWaited = createLeadMeter(metrics);
  for (const route of routes) {
    shedRecords.add(0, { route });
    mismatches.add(0, { route });
  }
  return {
    leadWaited,
    claimed(records: number, bytes: number) {
      hasClaimed ||= records > 0;
      instruments?.claimed(records);
      lastClaim.set(clock.now() / 1000);
      claimedRecords.add(records);
      claimedBytes.add(bytes);
    },
    /** A round is over. One that took something is measured by what every route has answered for. */
    round(time: Millis) {
      if (!hasClaimed) instruments?.purged(time);
      hasClaimed = false;
    },
    /** Whether somebody wants to hear of `answered`. */
    isTimed: instruments !== undefined,
    /** Every route has answered for what was claimed so long ago. */
    answered: (time: Millis) => instruments?.purged(time),
    adopted: (records: number) => adoptedRecords.add(records),
    /** Redis refused something for a list. */
    refused: (attempt: (typeof attempts)[number]) => refusals.add(1, { attempt }),
    /** Bytes of records that Redis cannot send. */
    unread: (bytes: number) => unread.set(bytes),
    /** Lists that Redis does not let us claim. */
    unclaimable: (lists: number) => unclaimable.set(lists),
    /** Lists of a layout that this version does not know. */
    foreign: (lists: number) => foreign.set(lists),
    reclaimed: (bytes: number) => reclaimedBytes.add(bytes),
    shed: (route: string, records: number) => shedRecords.add(records, { route }),
    retained: (bytes: number) => retainedBytes.set(bytes),
    holding: (isHolding: boolean) => holding.set(isHolding ? 1 : 0),
    mismatch: (route: string) => mismatches.add(1, { route }),
    booked: (route: string, outcome: string, records: number) =>
      booked.set(records, { route, outcome }),
    /** What the outcomes add up to. */
    expected: (route: string, records: number) => ledgerClaimed.set(records, { route }),
    lag(route: string, records: number, ageMs: number) {
      lagRecords.set(records, { route });
      lagSeconds.set(ageMs / 1000, { route });
    },
  };
}

/** How long routes of this thread have waited for those behind them (lease/lead.ts). */
export function createLeadMeter(metrics: Metrics): (time: Millis) => void {
  const waited = metrics.counter({
    name: 'sluice_lead_wait_seconds_total',
    help: 'Time that pumps ahead of the others paused reading, because a thread was busy and the chunk cache was full of records that the others were about to read.',
  });
  return (time) => waited.add(time / 1000);
}
