import type { BatchTrace, Step, StepAttributes } from '../../lib/batch-trace.ts';
import { explain } from '../../lib/errors.ts';
import { type Millis, millis } from '../../lib/units.ts';
import type { Failure } from '../../pump/verdict.ts';
import type { AttemptEnd, Followed, OpenRange, OutgoingBatch } from '../item.ts';

/** Of a batch of very many ranges, of how many there are steps; and how many attempts. */
const mostRanges = 16;
const mostAttempts = 64;

interface FollowedParts {
  readonly batch: OutgoingBatch;
  readonly about: StepAttributes;
  /** Called once, when nothing is left to be settled. */
  readonly onEnded: (followed: FollowedBatch) => void;
}

/** A batch that is followed from here on, with what was noted down of its ranges before, until they are all settled. */
export class FollowedBatch implements Followed {
  readonly #parts: FollowedParts;
  readonly #open: Set<OpenRange>;
  readonly #told: ReadonlySet<OpenRange>;
  readonly #ranges: number;
  /** Times of the monotonic clock. */
  readonly #steps: Step[] = [];
  #attempts = 0;
  #delivered = 0;
  #rejected = 0;
  #rejection: Failure | undefined;

  constructor(parts: FollowedParts) {
    this.#parts = parts;
    this.#open = rangesOf(parts.batch);
    this.#ranges = this.#open.size;
    this.#told = new Set([...this.#open].slice(0, mostRanges));
    for (const openRange of this.#open) openRange.times?.followers.add(this);
    for (const openRange of this.#told) this.#steps.push(...readingOf(openRange));
  }

  attempted({ begunAt, endedAt, rejection, failure, ...counts }: AttemptEnd): void {
    this.#attempts += 1;
    this.#delivered += counts.delivered;
    this.#rejected += counts.rejected;
    this.#rejection ??= rejection;
    if (this.#attempts > mostAttempts) return;
    this.#steps.push({
      name: 'deliver',
      ...{ from: begunAt, to: endedAt },
      attributes: {
        ...this.#parts.about,
        'sluice.attempt': this.#attempts,
        'sluice.records': counts.records,
        'sluice.bytes': counts.bytes,
        'sluice.delivered': counts.delivered,
        'sluice.rejected': counts.rejected,
        'sluice.retried': counts.retried,
      },
      ...failureOf(failure),
    });
  }

  settled(openRange: OpenRange, now: Millis, error: unknown): void {
    if (!this.#open.delete(openRange)) return;
    const { times } = openRange;
    if (this.#told.has(openRange) && times !== undefined)
      this.#steps.push({
        name: 'settle',
        ...{ from: times.answeredAt, to: now },
        attributes: aboutRange(openRange),
        ...(error === undefined ? {} : { failure: { kind: 'unsettled', message: explain(error) } }),
      });
    if (this.#open.size === 0) this.#parts.onEnded(this);
  }

  /** Nothing more is noted down. */
  leave(): void {
    for (const openRange of this.#open) openRange.times?.followers.delete(this);
  }

  /** `toWallClock`: what the monotonic clock is behind. */
  trace(now: Millis, toWallClock: number): BatchTrace {
    const { batch, about } = this.#parts;
    const claims = [...claimsOf(this.#told)].map(([claimedAt, openRange]) => {
      const leasedAt = (openRange.times?.leasedAt ?? now) + toWallClock;
      // Redis's clock may be ahead of this machine's.
      const at = millis(Math.min(claimedAt, leasedAt));
      return { name: 'claim' as const, from: at, to: at, attributes: aboutRange(openRange) };
    });
    const steps = this.#steps.map((step) => ({
      ...step,
      from: millis(step.from + toWallClock),
      to: millis(step.to + toWallClock),
    }));
    const first = Math.min(...[...claims, ...steps].map(({ from }) => from));
    return {
      whole: {
        name: 'batch',
        ...{ from: millis(first), to: millis(now + toWallClock) },
        attributes: {
          ...about,
          'sluice.records': batch.items.length,
          'sluice.bytes': batch.bytes,
          'sluice.ranges': this.#ranges,
          'sluice.attempts': this.#attempts,
          'sluice.delivered': this.#delivered,
          'sluice.rejected': this.#rejected,
          'sluice.unsettled_ranges': this.#open.size,
        },
        ...failureOf(this.#rejection),
      },
      steps: [...claims, ...steps],
    };
  }
}

function rangesOf({ items }: OutgoingBatch): Set<OpenRange> {
  const ranges = new Set<OpenRange>();
  for (const { origin } of items) if (origin.kind === 'range') ranges.add(origin);
  return ranges;
}

/** A claim is of a whole segment, of which there may be many ranges. */
function claimsOf(ranges: ReadonlySet<OpenRange>): ReadonlyMap<number, OpenRange> {
  const claims = new Map<number, OpenRange>();
  for (const openRange of ranges) {
    const { claimedAt } = openRange.lease.range;
    if (!claims.has(claimedAt)) claims.set(claimedAt, openRange);
  }
  return claims;
}

function readingOf(openRange: OpenRange): readonly Step[] {
  const { times } = openRange;
  if (times === undefined) return [];
  const attributes = aboutRange(openRange);
  return [
    { name: 'read', from: times.leasedAt, to: times.arrivedAt, attributes },
    { name: 'edit', from: times.arrivedAt, to: times.editedAt, attributes },
  ];
}

const aboutRange = ({ lease: { range } }: OpenRange): StepAttributes => ({
  'sluice.list': range.list.key,
  'sluice.segment': range.segment,
  'sluice.range.start': range.start,
  'sluice.range.records': range.count,
});

const failureOf = (failure: Failure | undefined): Pick<Step, 'failure'> =>
  failure === undefined ? {} : { failure: { kind: failure.kind, message: failure.message } };
