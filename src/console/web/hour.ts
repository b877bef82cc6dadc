import { useEffect, useState } from 'preact/hooks';
import { look, pathPart } from './api.ts';
import type { HourOfNumbers, RouteHistory } from './api-types.ts';

const every = 10_000;
const places = 360;

export interface RouteHour {
  readonly times: readonly number[];
  readonly route: RouteHistory | undefined;
  readonly problem: string | undefined;
}

/** The last hour of a route: whole when the page opens, then what is new. */
export function useHour(route: string): RouteHour {
  const [hour, setHour] = useState<RouteHour>({ times: [], route: undefined, problem: undefined });
  useEffect(() => {
    const over = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let known: RouteHour = { times: [], route: undefined, problem: undefined };
    const ask = async (): Promise<void> => {
      if (document.visibilityState === 'visible')
        try {
          const since = known.times.at(-1) ?? 0;
          const path = `/history?route=${pathPart(route)}&since=${since}`;
          known = joined(known, await look<HourOfNumbers>(path, over.signal), route);
          setHour(known);
        } catch (error) {
          if (over.signal.aborted) return;
          setHour({ ...known, problem: error instanceof Error ? error.message : String(error) });
        }
      if (!over.signal.aborted) timer = setTimeout(() => void ask(), every);
    };
    void ask();
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [route]);
  return hour;
}

/** What is new behind what is known, an hour of it. */
export function joined(
  known: RouteHour,
  { times, routes }: HourOfNumbers,
  name: string,
): RouteHour {
  const next = routes.find(({ route }) => route === name);
  const unknown = (length: number): readonly null[] => Array<null>(length).fill(null);
  const row = (key: Exclude<keyof RouteHistory, 'route'>): readonly (number | null)[] =>
    [
      ...(known.route?.[key] ?? unknown(known.times.length)),
      ...(next?.[key] ?? unknown(times.length)),
    ].slice(-places);
  return {
    times: [...known.times, ...times].slice(-places),
    route: {
      route: name,
      delivered: row('delivered'),
      rejected: row('rejected'),
      retried: row('retried'),
      lag_seconds: row('lag_seconds'),
      pending: row('pending'),
      age_seconds: row('age_seconds'),
    },
    problem: undefined,
  };
}
