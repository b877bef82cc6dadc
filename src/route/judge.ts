import { type Millis, millis } from '../lib/units.ts';
import type { Delivery } from '../pump/delivery.ts';
import type { Failure, FailureKind, Verdict } from '../pump/verdict.ts';
import { bytesOf, type Item, type OutgoingBatch } from './item.ts';

/** What follows from the verdicts of one batch. Every item is in exactly one of the lists. */
export interface Judgement {
  readonly delivered: readonly Item[];
  readonly rejected: readonly Rejected[];
  readonly retries: readonly Retry[];
  /** Set when the whole batch asked to be sent again: the sink, or one poisoned record, is out of order. */
  readonly wholeFailure: WholeFailure | undefined;
}

export interface Rejected {
  readonly item: Item;
  readonly failure: Failure;
}

export interface Retry {
  readonly batch: OutgoingBatch;
  /** Attempts so far: how far the back-off has grown. 0: split, to be sent again at once. */
  readonly attempts: number;
  readonly after: Millis | undefined;
  readonly failure: Failure;
}

export interface WholeFailure {
  readonly failure: Failure;
  readonly after: Millis | undefined;
  /** The sink refuses everything, so it is out of order at once (pace/brake.ts). */
  readonly isRefusal?: boolean;
}

/** Whole failures in a row after which a batch is halved to find out whether one record is to blame. */
const failuresUntilHalved = 3;
/** Attempts beyond this have all reached the longest back-off and may wait together. */
const attemptsTold = 32;

/** What one bad record, or too many records at once, may look like from outside. */
export const suspects: ReadonlySet<FailureKind> = new Set(['unexpected', 'invalid', 'timeout']);

/** Pure. The delivery is of the batch's items. */
export function judge(batch: OutgoingBatch, delivery: Delivery): Judgement {
  const { ofRequest } = delivery;
  if (ofRequest !== undefined && ofRequest.outcome !== 'retry')
    return judgeRequest(batch, ofRequest);

  const delivered: Item[] = [];
  const rejected: Rejected[] = [];
  const oversize: Item[] = [];
  let tooLarge: Failure | undefined;
  const retries = new RetryGroups();
  for (const [index, item] of batch.items.entries()) {
    const verdict = delivery.at(index);
    switch (verdict.outcome) {
      case 'delivered':
        delivered.push(item);
        break;
      case 'reject':
        rejected.push({ item, failure: verdict.failure });
        break;
      case 'retry':
        if (verdict.failure.kind !== 'oversize') retries.add(item, verdict);
        else if (batch.items.length > 1) {
          oversize.push(item);
          tooLarge ??= verdict.failure;
        } else rejected.push({ item, failure: verdict.failure });
        break;
      default:
        verdict satisfies never;
    }
  }
  if (retries.size === batch.items.length) return failedWhole(batch, retries);
  const again = [...retries.in(batch), ...split(batch, oversize, tooLarge)];
  return { delivered, rejected, retries: again, wholeFailure: undefined };
}

const nothing: Judgement = { delivered: [], rejected: [], retries: [], wholeFailure: undefined };

/** The sink answered for the request, not for its records. */
function judgeRequest(
  batch: OutgoingBatch,
  verdict: Exclude<Verdict, { readonly outcome: 'retry' }>,
): Judgement {
  const { items } = batch;
  if (verdict.outcome === 'delivered') return { ...nothing, delivered: items };
  const { failure } = verdict;
  // One record may have spoiled it for all: only a batch of one is rejected for being invalid or too large.
  const isDivisible = failure.kind === 'invalid' || failure.kind === 'oversize';
  return isDivisible && items.length > 1
    ? { ...nothing, retries: split(batch, items, failure) }
    : { ...nothing, rejected: items.map((item) => ({ item, failure })) };
}

/**
 * Every record asked to be sent again. A batch that keeps failing so in a suspect way is halved, and each half again
 * at its next failure, until the culprit is alone. With the sink itself out of order this costs little: one probe at a
 * time is sent then, so few batches are ever halved.
 */
function failedWhole(batch: OutgoingBatch, retries: RetryGroups): Judgement {
  const groups = retries.in(batch);
  const [first] = groups;
  if (first === undefined) return nothing;
  const { failure } = first;
  const attempts = Math.max(...groups.map((group) => group.attempts));
  const longest = Math.max(...groups.map((group) => group.after ?? 0));
  const after = longest === 0 ? undefined : millis(longest);
  const wholeFailure = { failure, after };
  if (!suspects.has(failure.kind)) return { ...nothing, retries: groups, wholeFailure };

  const suspicion = batch.suspicion + 1;
  const batches =
    suspicion < failuresUntilHalved || batch.items.length === 1
      ? [{ ...batch, isAlone: true, suspicion }]
      : halves(batch, batch.items, failuresUntilHalved - 1);
  const again = batches.map((part) => ({ batch: part, attempts, after, failure }));
  return { ...nothing, retries: again, wholeFailure };
}

function split(
  batch: OutgoingBatch,
  items: readonly Item[],
  failure: Failure | undefined,
): readonly Retry[] {
  if (failure === undefined) return [];
  return halves(batch, items, 0).map((half) => ({
    batch: half,
    attempts: 0,
    after: undefined,
    failure,
  }));
}

/** Two halves that go alone from now on; a single item stays one. */
export function halves(
  batch: OutgoingBatch,
  items: readonly Item[],
  suspicion: number,
): readonly OutgoingBatch[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)]
    .filter((half) => half.length > 0)
    .map((half) => ({
      items: half,
      bytes: bytesOf(half),
      order: batch.order,
      isAlone: true,
      suspicion,
      followed: batch.followed,
    }));
}

interface RetryGroup {
  readonly items: Item[];
  readonly failure: Failure;
  after: Millis | undefined;
}

/** Records to be sent again, by the number of their attempts: a young one does not wait as long as an old one. */
class RetryGroups {
  size = 0;
  readonly #groups = new Map<number, RetryGroup>();

  add(item: Item, { failure, after }: Extract<Verdict, { readonly outcome: 'retry' }>): void {
    this.size += 1;
    const attempts = Math.min(item.attempts, attemptsTold);
    const group = this.#groups.get(attempts);
    if (group === undefined) {
      this.#groups.set(attempts, { items: [item], failure, after });
      return;
    }
    group.items.push(item);
    if (after !== undefined) group.after = millis(Math.max(group.after ?? 0, after));
  }

  /** As batches in the place of the one they came from. */
  in({ order, followed }: OutgoingBatch): readonly Retry[] {
    return [...this.#groups].map(([attempts, { items, failure, after }]) => ({
      batch: { items, bytes: bytesOf(items), order, isAlone: false, suspicion: 0, followed },
      attempts,
      after,
      failure,
    }));
  }
}
