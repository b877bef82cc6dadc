import type { Millis } from '../../lib/units.ts';
import type { Item } from '../item.ts';

/** One record speaks for so many of a batch: asking each for its time would cost more than counting it. */
const perSample = 1_000;

/**
 * How old delivered records are, in seconds by the clock of this machine: of each thousand of a batch, and of the rest, the
 * one in the middle, for records come in the order of time. One without a time, or whose time an edit has emptied, is left
 * out; one from a clock that is ahead counts as 0; a dead letter that is tried again says nothing of the service.
 */
export function sampledAges(
  items: readonly Pick<Item, 'origin' | 'record'>[],
  now: Millis,
): readonly number[] {
  const ages: number[] = [];
  for (let start = 0; start < items.length; start += perSample) {
    const end = Math.min(items.length, start + perSample);
    const item = items[(start + end) >> 1];
    if (item?.origin.kind !== 'range') continue;
    const time = item.record.time('timestamp');
    if (time.seconds <= 0) continue;
    ages.push(Math.max(0, now / 1_000 - Number(time.seconds) - time.nanos / 1e9));
  }
  return ages;
}
