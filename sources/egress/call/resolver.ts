import type { Clock } from '#source';
import { canonicalAddress } from '../policy/authority.ts';

/** Asks for all addresses of a name; `dns.lookup` of Node.js in production. Rejects where there are none. */
export type Lookup = (name: string) => Promise<readonly string[]>;

export type Resolution =
  | { readonly ok: true; readonly addresses: readonly string[] }
  /** `words`: for people, `ENOTFOUND` in them. */
  | { readonly ok: false; readonly words: string };

export interface Resolver {
  /** As `canonicalAddress` spells them, in the order of the answer. Never empty. */
  resolve(name: string): Promise<Resolution>;
}

interface Known {
  readonly answer: Promise<Resolution>;
  /** By the monotonic clock; `Infinity`: it is still being asked for. */
  until: number;
}

/** More names than a wildcard is asked for in the time that answers are kept. */
const mostNames = 10_000;
/** A name that is not there is asked for again soon, but not by every request. */
const failureTime = 1_000;

/**
 * Keeps answers for `time` milliseconds, so that one answer is checked and connected to. Whoever asks for a name at the same
 * time as others waits for the same answer. The oldest names go first where there are too many.
 */
export function createResolver(
  lookup: Lookup,
  { clock, time }: { readonly clock: Clock; readonly time: number },
): Resolver {
  const names = new Map<string, Known>();

  const ask = (name: string): Known => {
    const known: Known = { until: Number.POSITIVE_INFINITY, answer: answerOf(lookup, name) };
    void known.answer.then(({ ok }) => {
      known.until = clock.elapsed() + (ok ? time : Math.min(time, failureTime));
    });
    names.delete(name);
    names.set(name, known);
    const [oldest] = names.keys();
    if (names.size > mostNames && oldest !== undefined) names.delete(oldest);
    return known;
  };

  return {
    resolve(name) {
      const known = names.get(name);
      return (known === undefined || known.until <= clock.elapsed() ? ask(name) : known).answer;
    },
  };
}

async function answerOf(lookup: Lookup, name: string): Promise<Resolution> {
  try {
    const addresses = [...new Set((await lookup(name)).map(canonicalAddress))];
    return addresses.length > 0
      ? { ok: true, addresses }
      : { ok: false, words: `${name} has no address` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === undefined ? '' : ` (${code})`;
    return { ok: false, words: `the address of ${name} could not be looked up${why}` };
  }
}
