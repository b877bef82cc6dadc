import type { Clock } from '../lib/clock.ts';
import { type Millis, millis } from '../lib/units.ts';
import { isAborted, pause, withDeadline } from '../lib/waiting.ts';
import { classify } from '../pump/classify.ts';
import type { PreparedPump, ServiceContext } from '../pump/define-pump.ts';
import type { Sink } from '../pump/sink.ts';
import type { Failure } from '../pump/verdict.ts';
import { type Backoff, backoffDelay } from './backoff.ts';
import type { RouteEvents } from './events/route-events.ts';

export interface OpeningParts {
  readonly pump: PreparedPump;
  readonly context: ServiceContext;
  readonly clock: Clock;
  readonly backoff: Backoff;
  readonly timeout: Millis;
  readonly events: RouteEvents;
}

const grace = millis(1000);

/** Opens the sink, however long its server is away. Undefined: the signal aborted first. */
export async function openSink(
  parts: OpeningParts,
  signal: AbortSignal,
): Promise<Sink | undefined> {
  const { clock, backoff, events } = parts;
  for (let failures = 1; !isAborted(signal); failures++) {
    try {
      return await openOnce(parts, signal);
    } catch (error) {
      if (isAborted(signal)) return undefined;
      events.outage(failureOf(parts.pump, error));
      await pause(clock, backoffDelay(backoff, failures, clock), signal);
    }
  }
  return undefined;
}

async function openOnce(parts: OpeningParts, signal: AbortSignal): Promise<Sink> {
  const { pump, context, clock, timeout } = parts;
  let isGivenUp = false;
  const open = async (deadline: AbortSignal): Promise<Sink> => {
    const sink = await pump.open(context, deadline);
    // It opened after all, but nobody waits for it any more: it must not stay open.
    if (isGivenUp) await sink.close(deadline);
    return sink;
  };
  try {
    return await withDeadline(open, { clock, after: timeout, grace }, signal);
  } catch (error) {
    isGivenUp = true;
    throw error;
  }
}

function failureOf(pump: PreparedPump, error: unknown): Failure {
  const verdict = pump.classify(error) ?? classify(error);
  return verdict.outcome === 'delivered'
    ? { kind: 'unexpected', message: 'the sink did not open' }
    : verdict.failure;
}
