import { randomBytes } from 'node:crypto';
import type { BatchTrace, Step } from '../../lib/batch-trace.ts';
import type { Mask } from '../../lib/mask.ts';
import { type About, hrDuration, hrTime } from './about.ts';
import { type ReadableSpan, SpanKind, SpanStatusCode, TraceFlags } from './library.ts';
import { cut } from './log-data.ts';

/** One trace for each batch: a span for the whole, and one below it for each step. */
export function spanData(
  { whole, steps }: BatchTrace,
  { about, shown }: { readonly about: About; readonly shown: Mask },
): readonly ReadableSpan[] {
  const traceId = randomBytes(16).toString('hex');
  const context = () => ({
    ...{ traceId, spanId: randomBytes(8).toString('hex') },
    traceFlags: TraceFlags.SAMPLED,
  });
  const root = context();
  const span = (step: Step, own: typeof root, parent?: typeof root): ReadableSpan => ({
    name: step.name,
    kind: step.name === 'deliver' ? SpanKind.CLIENT : SpanKind.INTERNAL,
    spanContext: () => own,
    ...(parent === undefined ? {} : { parentSpanContext: parent }),
    startTime: hrTime(step.from),
    endTime: hrTime(step.to),
    duration: hrDuration(step.from, step.to),
    status:
      step.failure === undefined
        ? { code: SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: cut(shown(step.failure.message)) },
    attributes: {
      ...step.attributes,
      ...(step.failure === undefined ? {} : { 'error.type': step.failure.kind }),
    },
    ...{ links: [], events: [], ended: true },
    resource: about.resource,
    instrumentationScope: about.scope,
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  });
  return [span(whole, root), ...steps.map((step) => span(step, context(), root))];
}
