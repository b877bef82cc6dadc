/**
 * A sink that refuses everything: a template that went missing, a proxy that finds every request too large. Each record
 * for itself may be a dead letter; all of them together are an outage in disguise, and more than the dead letters' bound
 * can hold.
 *
 * - **off**: refused records become dead letters. So many in a row, with none taken between them, and the brake is on:
 *   the next one waits, and so does everything else.
 * - **on**: the breaker is open and probes (breaker.ts), with one record at a time, lest one bad record speaks for a
 *   thousand; what was not refused yet goes first. What is refused waits. The first record that is taken releases the
 *   brake, and what waited is tried again.
 *
 * Records that never come to the sink, and dead letters that an operator has tried again, say nothing. So a long run of
 * bad records among good ones costs little delay, and becomes dead letters a hundred at a time.
 */
import type { Failure } from '../../pump/verdict.ts';
import type { RouteEvents } from '../events/route-events.ts';
import { bytesOf, type Item, type OutgoingBatch } from '../item.ts';
import type { Judgement, Rejected, Retry } from '../judge.ts';

export interface BrakeParts {
  /** `reject`: there is no brake. */
  readonly atRefusal: 'wait' | 'reject';
  readonly events: RouteEvents;
}

/** Refusals in a row that are believed. */
const mostInARow = 100;

export class Brake {
  readonly #parts: BrakeParts;
  #inARow = 0;
  #isOn = false;

  constructor(parts: BrakeParts) {
    this.#parts = parts;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** The same judgement, in which what is refused waits as far as the brake says so. */
  judged(batch: OutgoingBatch, judgement: Judgement): Judgement {
    const { delivered, rejected, retries } = judgement;
    if (this.#parts.atRefusal === 'reject') return judgement;
    if (delivered.length > 0) {
      this.#inARow = 0;
      this.#isOn = false;
      return judgement;
    }
    const refused = rejected.filter(({ item }) => item.origin.kind === 'range');
    if (!this.#isOn) {
      const believed = Math.min(refused.length, mostInARow - this.#inARow);
      this.#inARow += believed;
      if (believed === refused.length) return judgement;
      this.#isOn = true;
      const waiting = refused.slice(believed);
      this.#parts.events.refusesAll(mostInARow, waiting[0]?.failure ?? unknown);
      return this.#waits(batch, judgement, waiting);
    }
    // A batch that is to be halved was refused as well, and halving it would ask a sink that is to be left alone.
    const isSplit = retries.length > 0 && retries.every(({ attempts }) => attempts === 0);
    return isSplit ? this.#waitsWhole(batch, retries) : this.#waits(batch, judgement, refused);
  }

  #waits(batch: OutgoingBatch, judgement: Judgement, refused: readonly Rejected[]): Judgement {
    const [first] = refused;
    const held = new Set<Item>(refused.map(({ item }) => item));
    const items = [...held];
    const failure = first?.failure ?? judgement.rejected[0]?.failure ?? unknown;
    const waiting = first === undefined ? [] : [waitOf(batch, items, first.failure)];
    return {
      delivered: judgement.delivered,
      rejected: judgement.rejected.filter(({ item }) => !held.has(item)),
      retries: [...judgement.retries, ...waiting],
      wholeFailure: judgement.wholeFailure ?? allRefused(failure),
    };
  }

  #waitsWhole(batch: OutgoingBatch, [first]: readonly Retry[]): Judgement {
    const failure = first?.failure ?? unknown;
    return {
      delivered: [],
      rejected: [],
      retries: [waitOf(batch, batch.items, failure)],
      wholeFailure: allRefused(failure),
    };
  }
}

const unknown: Failure = { kind: 'unexpected', message: 'no reason was given' };

const allRefused = ({ kind, message }: Failure) => ({
  failure: { kind, message: `every record is refused: ${message}` },
  after: undefined,
  isRefusal: true,
});

const waitOf = ({ order }: OutgoingBatch, items: readonly Item[], failure: Failure): Retry => ({
  batch: { items, bytes: bytesOf(items), order, isAlone: true, suspicion: 0 },
  attempts: Math.max(1, items[0]?.attempts ?? 1),
  after: undefined,
  failure,
});
