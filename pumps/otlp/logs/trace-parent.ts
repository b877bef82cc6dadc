/** The trace that a call belongs to, as its caller said. */
export interface TraceParent {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly flags: number;
}

/** Version, trace, span, flags; a version to come may have more behind it (W3C Trace Context, 3.2 and 4). */
const form = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const zeros = /^0*$/;

/** What a header `traceparent` says; undefined where it is not valid, as if there was none. */
export function traceParentOf(header: string): TraceParent | undefined {
  const [, version = '', trace = '', span = '', flags = '', more] = form.exec(header) ?? [];
  if (trace === '' || version === 'ff' || (version === '00' && more !== undefined))
    return undefined;
  if (zeros.test(trace) || zeros.test(span)) return undefined;
  return {
    traceId: Buffer.from(trace, 'hex'),
    spanId: Buffer.from(span, 'hex'),
    flags: Number.parseInt(flags, 16),
  };
}
