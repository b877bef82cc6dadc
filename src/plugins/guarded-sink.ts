import { isObject, typeName } from '../config/options/json.ts';
import { type Millis, millis } from '../lib/units.ts';
import type { Batch } from '../pump/batch.ts';
import { Delivery } from '../pump/delivery.ts';
import type { Health, Sink } from '../pump/sink.ts';
import { delivered, failureKinds, reject, retry, type Verdict } from '../pump/verdict.ts';

/** A sink of a plugin. An answer that is none is thrown, which means: nothing is known, send it again. */
export class GuardedSink implements Sink {
  readonly gone?: AbortSignal;
  readonly #sink: Sink;

  constructor(sink: Sink) {
    const members: unknown = sink;
    for (const name of ['deliver', 'check', 'close'])
      if (typeof (isObject(members) ? members[name] : undefined) !== 'function')
        throw new Error(`the pump opened ${typeName(members)} without a function ${name}`);
    if (sink.gone instanceof AbortSignal) this.gone = sink.gone;
    this.#sink = sink;
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    return deliveryOf(batch, await this.#sink.deliver(batch, signal));
  }

  async check(signal: AbortSignal): Promise<Health> {
    const health: unknown = await this.#sink.check(signal);
    const { state, reason } = isObject(health) ? health : {};
    if (state === 'up') return { state };
    if ((state === 'down' || state === 'unknown') && typeof reason === 'string')
      return { state, reason };
    throw new Error('the pump answered a check with no state, or with no reason for it');
  }

  close(signal: AbortSignal): Promise<void> {
    return this.#sink.close(signal);
  }
}

/** The delivery of this batch, in our own class: the pump's may be of another copy of the kit. */
function deliveryOf(batch: Batch, given: Delivery): Delivery {
  const members: unknown = given;
  if (!isObject(members) || typeof members['at'] !== 'function' || given.size !== batch.size)
    throw new Error(
      `the pump answered with ${typeName(members)}, not with a Delivery of its batch`,
    );
  const { ofRequest } = given;
  return ofRequest === undefined
    ? Delivery.each(batch, (_, index) => verdictOf(given.at(index)))
    : Delivery.whole(batch, verdictOf(ofRequest));
}

/** Nothing but a verdict is one: a record whose answer nobody understands must not be taken for settled. */
export function verdictOf(given: unknown): Verdict {
  const { outcome, failure, after } = isObject(given) ? given : {};
  if (outcome === 'delivered') return delivered();
  if (outcome !== 'retry' && outcome !== 'reject')
    throw new Error('the pump answered with a verdict of no known outcome');
  const { kind: said, message, cause } = isObject(failure) ? failure : {};
  const kind = failureKinds.find((known) => known === said);
  if (kind === undefined || typeof message !== 'string')
    throw new Error(`the pump said ${outcome} without a failure of a known kind and its message`);
  const reason = { kind, message, ...(cause === undefined ? {} : { cause }) };
  if (outcome === 'reject') return reject(reason);
  return after === undefined ? retry(reason) : retry(reason, durationOf(after));
}

function durationOf(after: unknown): Millis {
  if (typeof after === 'number' && after >= 0) return millis(after);
  throw new Error('the pump asked for a pause that is no number of milliseconds');
}
