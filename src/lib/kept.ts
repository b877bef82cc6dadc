import type { Clock } from './clock.ts';
import type { Millis } from './units.ts';

/** What was asked lately is asked once, whoever wants it: for as long as `for` says after it was asked. A failure is not kept. */
export function kept<T>(
  ask: () => Promise<T>,
  { clock, for: lifetime }: { readonly clock: Pick<Clock, 'elapsed'>; readonly for: Millis },
): () => Promise<T> {
  let last: { readonly at: Millis; readonly answer: Promise<T> } | undefined;
  return () => {
    const now = clock.elapsed();
    if (last !== undefined && now - last.at < lifetime) return last.answer;
    const asked = { at: now, answer: ask() };
    last = asked;
    asked.answer.catch(() => {
      if (last === asked) last = undefined;
    });
    return asked.answer;
  };
}
