import type { RecordFields } from '../../record/encode/record-fields.ts';
import { dateOf, splitDays } from '../../record/time/civil.ts';
import { localZone } from '../../record/time/local-zone.ts';
import { periodAt } from '../../record/time/zone.ts';

/** As the gateway has it where no expiry is set: a hundred years of 365 days. */
const longLife = 100 * 365 * 86_400;

type Instants = Required<
  Pick<RecordFields, 'timestamp' | 'expireAt' | 'day' | 'month' | 'year' | 'hour'>
>;

/**
 * What a record says of when it was, and until when sinks that forget shall keep it. Day and hour are those of this process's zone, as a gateway takes them from its own. In protobuf the zone is called
 * `Local`, as the gateway calls it: the reader's.
 *
 * @param at milliseconds since 1970, with fractions
 * @param expiresAfter seconds; undefined or 0: a hundred years
 */
export function instantsOf(at: number, expiresAfter: number | undefined): Instants {
  const seconds = Math.floor(at / 1000);
  const nanos = Math.min(999_999_999, Math.round((at - seconds * 1000) * 1e6));
  const life = expiresAfter === undefined || expiresAfter <= 0 ? longLife : expiresAfter;
  const { days, rest } = splitDays(seconds + periodAt(localZone(), seconds).offset);
  return {
    timestamp: { seconds, nanos, zone: 'Local' },
    expireAt: { seconds: seconds + life, nanos },
    ...dateOf(days),
    hour: Math.floor(rest / 3600),
  };
}
