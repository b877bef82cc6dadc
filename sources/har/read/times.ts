import { amountIn, objectIn, type Raw, textIn } from './shape.ts';

const zoned = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?\s*(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * When an entry began: milliseconds since 1970, with fractions. `2026-12-01T10:00:00.1234567+02:00`, or a number of milliseconds; without a zone
 * it is UTC. Undefined: it says none.
 */
export function startOf(value: unknown): number | undefined {
  if (typeof value === 'number') return within(value);
  const [, whole, fraction = '', zone = 'Z'] = zoned.exec(textIn(value).trim()) ?? [];
  // Others' formats, such as `Tue, 01 Dec 2026 10:00:00 GMT`.
  if (whole === undefined) return within(Date.parse(textIn(value)));
  const shift = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const start = Date.parse(`${whole.replace(' ', 'T')}${shift}`);
  return within(start + (fraction === '' ? 0 : Number(`0.${fraction}`) * 1000));
}

/** From 1970 to the year 9999: what a record can say. */
const within = (at: number): number | undefined =>
  at >= 0 && at < 253_402_300_800_000 ? at : undefined;

/** The phases of a call, as HAR parts it. `ssl` is a part of `connect`. */
interface Phases {
  /** `blocked` and `dns`: before anybody was called. */
  readonly before: number;
  /** `connect` and `send`. */
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

/** Milliseconds. What is negative, missing or no number counts as 0: "does not apply", in HAR. */
function phasesOf(entry: Raw): Phases {
  const timings = objectIn(entry['timings']);
  const of = (...names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (amountIn(timings[name]) ?? 0), 0);
  // Some have `ssl` alone.
  const connect = Math.max(of('connect'), of('ssl'));
  return {
    before: of('blocked', 'dns'),
    send: connect + of('send'),
    wait: of('wait'),
    receive: of('receive'),
  };
}

/** What a record says of it: `upstream` is the wait; `total` all phases, or `time` where that is longer or alone. */
export function latencyOf(entry: Raw): { readonly total: number; readonly upstream: number } {
  const { before, send, wait, receive } = phasesOf(entry);
  const total = Math.max(before + send + wait + receive, amountIn(entry['time']) ?? 0);
  return { total, upstream: wait };
}
