/** Which of the upstreams of an API a call goes to. */
import type { Target, Targets, Turn } from '../definition/api.ts';
import { placeOf } from '../health/check.ts';
import type { Balancers } from './balancers.ts';

/** What is known of upstreams beside their addresses. */
export interface Balance {
  readonly balancers: Balancers;
  /** Whether checks of that API have found somebody down. */
  isDown(api: string, place: string): boolean;
}

/** Spreads calls evenly; one that stands there twice gets two shares. Checks count with `isChecked`. */
export function targetsOf(
  api: string,
  targets: readonly [Target, ...Target[]],
  { balance, isChecked }: { readonly balance: Balance; readonly isChecked: boolean },
): Targets {
  const [first, ...others] = targets;
  const { host } = first;
  if (others.length === 0) {
    // Whatever is known of the only one, there is nobody else.
    const only: Turn = { target: first, ended: undefined };
    return { host, next: () => only };
  }
  const places = candidatesOf(targets);
  const candidates = places.map((each) => {
    const place = placeOf(each.target.upstream);
    return isChecked ? { ...each, isDown: () => balance.isDown(api, place) } : each;
  });
  const balancer = balance.balancers.of(api, places);
  return {
    host,
    next() {
      const share = balancer.choose(candidates);
      return share && { target: share.candidate.target, ended: (end) => share.ended(end) };
    },
  };
}

interface Place {
  readonly key: string;
  readonly target: Target;
  weight: number;
}

function candidatesOf(targets: readonly Target[]): readonly Place[] {
  const places: Place[] = [];
  for (const target of targets) {
    const known = places.find((each) => isSame(each.target, target));
    if (known !== undefined) known.weight += 1;
    else places.push({ key: `${shown(target)} (${places.length + 1})`, target, weight: 1 });
  }
  return places;
}

/** A pool gives the same object for the same upstream. */
const isSame = (one: Target, other: Target): boolean =>
  one.upstream === other.upstream && one.path === other.path && one.query === other.query;

/** As somebody reads it in the log: a query may hold a secret. */
const shown = ({ upstream, path }: Target): string =>
  `${upstream.protocol}//${placeOf(upstream)}${path}`;
