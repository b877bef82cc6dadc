import type { DeadLetter } from '../../route/dead-letters/letter.ts';

/** Letters of a route that were rejected for the same reason. */
export interface ReasonCount {
  readonly route: string;
  readonly kind: DeadLetter['kind'];
  /** Undefined: those of the reasons for which there was no room. */
  readonly reason: string | undefined;
  readonly letters: number;
  readonly bytes: number;
  /** Date of the first attempt at any of them, and of the last. */
  readonly first: string;
  readonly last: string;
}

/** A destination may write a record’s id into every reason. */
const mostReasons = 10_000;

/** How many letters there are by route and reason, most first. */
export async function countByReason(
  letters: AsyncIterable<DeadLetter>,
): Promise<readonly ReasonCount[]> {
  const counts = new Map<string, Counted>();
  for await (const letter of letters) {
    const { route, kind } = letter;
    const known = counts.get(JSON.stringify([route, kind, letter.reason]));
    const reason = known !== undefined || counts.size < mostReasons ? letter.reason : undefined;
    const key = JSON.stringify([route, kind, reason]);
    const count = counts.get(key) ?? {
      ...{ route, kind, reason, letters: 0, bytes: 0 },
      firstAt: Number.POSITIVE_INFINITY,
      lastAt: 0,
    };
    count.letters += 1;
    count.bytes += letter.bytes.length;
    count.firstAt = Math.min(count.firstAt, letter.firstAt);
    count.lastAt = Math.max(count.lastAt, letter.lastAt);
    counts.set(key, count);
  }
  return [...counts.values()]
    .sort((one, other) => other.letters - one.letters)
    .map(({ firstAt, lastAt, ...count }) => ({
      ...count,
      first: new Date(firstAt).toISOString(),
      last: new Date(lastAt).toISOString(),
    }));
}

interface Counted extends Pick<ReasonCount, 'route' | 'kind' | 'reason'> {
  letters: number;
  bytes: number;
  firstAt: number;
  lastAt: number;
}
