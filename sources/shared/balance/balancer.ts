import type { CallEnd } from '../relay/decision.ts';

/** How calls are spread, and who is passed over. */
export interface BalancePolicy {
  readonly balance: 'ROUND_ROBIN' | 'RANDOM' | 'LEAST_REQUEST';
  readonly ejection: Ejection;
}

/** When somebody is passed over for what became of calls. */
export interface Ejection {
  /** So many answers of 500 and more in a row; 0: they do not count. */
  readonly serverErrors: number;
  /** So many in a row of 502, 503, 504, and of calls that got no answer; 0: they do not count. */
  readonly gatewayErrors: number;
  /** Milliseconds, times how often it has happened. */
  readonly time: number;
  /** At most such a share of them, 0 to 100; the first one always. */
  readonly mostPercent: number;
  /** With fewer healthy ones than this share nobody is passed over. */
  readonly leastHealthyPercent: number;
}

/** Who can take a call: one of several, of which any will do. */
export interface Candidate {
  /** The same text for the same place. */
  readonly key: string;
  readonly weight: number;
  /** Of those that can take calls only the ones with the lowest do; left out: 0. */
  readonly priority?: number;
  /** Checks of its own say that it cannot take calls; left out: nobody checks it. */
  readonly isDown?: () => boolean;
}

/** A call under way. */
export interface Share<T> {
  readonly candidate: T;
  /** Called once, when it has ended. */
  ended(end: CallEnd): void;
}

export interface BalancerEvents {
  /** One is passed over for so many milliseconds. */
  onEjected(key: string, time: number): void;
  /** A call goes to one that would be passed over, since all would be, or too many. */
  onPanic?(): void;
}

interface State {
  /** Of smooth weighted round robin: what is owed to it. */
  credit: number;
  underWay: number;
  serverErrors: number;
  gatewayErrors: number;
  /** By the monotonic clock. */
  ejectedUntil: number;
  ejections: number;
  lastUsed: number;
}

/** Kinds of errors that are the client's, or ours: nobody else is judged by them. */
const clientKinds = new Set(['aborted', 'slow_client', 'internal']);
/** Addresses that are no longer asked for are forgotten. */
const forgetAfter = 600_000;

/**
 * Spreads the calls of one place over those who can take them, by their weights, and passes over who failed (Envoy's
 * outlier detection), or whom checks of the caller's own have found down. Where all are passed over, or too many would be,
 * nobody is: a call that may fail is better than one that must, and checks err as well.
 */
export class Balancer {
  readonly #policy: BalancePolicy;
  readonly #elapsed: () => number;
  readonly #random: () => number;
  readonly #events: BalancerEvents;
  readonly #states = new Map<string, State>();

  constructor(
    policy: BalancePolicy,
    parts: {
      readonly elapsed: () => number;
      readonly random: () => number;
      readonly events: BalancerEvents;
    },
  ) {
    this.#policy = policy;
    this.#elapsed = parts.elapsed;
    this.#random = parts.random;
    this.#events = parts.events;
  }

  /** Undefined: there is nobody. */
  choose<T extends Candidate>(candidates: readonly T[]): Share<T> | undefined {
    const now = this.#elapsed();
    const healthy = candidates.filter(
      ({ key, isDown }) => this.#stateOf(key).ejectedUntil <= now && isDown?.() !== true,
    );
    const isPanic =
      healthy.length === 0 ||
      healthy.length * 100 < candidates.length * this.#policy.ejection.leastHealthyPercent;
    const candidate = this.#pick(firstOf(isPanic ? candidates : healthy));
    if (candidate === undefined) return undefined;
    if (isPanic) this.#events.onPanic?.();
    const state = this.#stateOf(candidate.key);
    state.underWay += 1;
    state.lastUsed = now;
    this.#forget(now);
    let isOver = false;
    return {
      candidate,
      ended: (end) => {
        if (isOver) return;
        isOver = true;
        state.underWay -= 1;
        this.#judge(candidate.key, end, candidates);
      },
    };
  }

  #pick<T extends Candidate>(candidates: readonly T[]): T | undefined {
    const { balance } = this.#policy;
    if (balance === 'RANDOM') return this.#pickRandomly(candidates);
    if (balance === 'ROUND_ROBIN') return this.#pickInTurn(candidates);
    const load = ({ key, weight }: Candidate): number => this.#stateOf(key).underWay / weight;
    const least = Math.min(...candidates.map(load));
    return this.#pickInTurn(candidates.filter((each) => load(each) === least));
  }

  #pickRandomly<T extends Candidate>(candidates: readonly T[]): T | undefined {
    const sum = candidates.reduce((all, { weight }) => all + weight, 0);
    let left = this.#random() * sum;
    return candidates.find(({ weight }) => (left -= weight) < 0) ?? candidates.at(-1);
  }

  /** Smooth weighted round robin, as nginx has it: 5, 1, 1 gives a a b a c a a. */
  #pickInTurn<T extends Candidate>(candidates: readonly T[]): T | undefined {
    let best: T | undefined;
    let bestCredit = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (const each of candidates) {
      const state = this.#stateOf(each.key);
      state.credit += each.weight;
      sum += each.weight;
      if (state.credit <= bestCredit) continue;
      best = each;
      bestCredit = state.credit;
    }
    if (best !== undefined) this.#stateOf(best.key).credit -= sum;
    return best;
  }

  #judge(key: string, { status, error }: CallEnd, candidates: readonly Candidate[]): void {
    if (error !== undefined && clientKinds.has(error.kind)) return;
    const state = this.#stateOf(key);
    const { serverErrors, gatewayErrors } = this.#policy.ejection;
    const isGateway = status === undefined || (status >= 502 && status <= 504);
    const isServer = status === undefined || status >= 500;
    state.serverErrors = isServer ? state.serverErrors + 1 : 0;
    state.gatewayErrors = isGateway ? state.gatewayErrors + 1 : 0;
    const isTooMany = (count: number, most: number): boolean => most > 0 && count >= most;
    if (
      isTooMany(state.serverErrors, serverErrors) ||
      isTooMany(state.gatewayErrors, gatewayErrors)
    )
      this.#eject(key, state, candidates);
    else if (!isServer && state.ejectedUntil <= this.#elapsed())
      state.ejections = Math.max(0, state.ejections - 1);
  }

  #eject(key: string, state: State, candidates: readonly Candidate[]): void {
    const now = this.#elapsed();
    if (state.ejectedUntil > now || candidates.length < 2) return;
    const { mostPercent, time }: Ejection = this.#policy.ejection;
    const out = candidates.filter((each) => this.#stateOf(each.key).ejectedUntil > now).length;
    if (out > 0 && (out + 1) * 100 > candidates.length * mostPercent) return;
    state.ejections += 1;
    const duration = time * Math.min(state.ejections, 10);
    state.ejectedUntil = now + duration;
    state.serverErrors = 0;
    state.gatewayErrors = 0;
    this.#events.onEjected(key, duration);
  }

  #stateOf(key: string): State {
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state: State = {
      ...{ credit: 0, underWay: 0, serverErrors: 0, gatewayErrors: 0 },
      ...{ ejectedUntil: 0, ejections: 0, lastUsed: this.#elapsed() },
    };
    this.#states.set(key, state);
    return state;
  }

  #forget(now: number): void {
    if (this.#states.size <= 64) return;
    for (const [key, { underWay, lastUsed }] of this.#states)
      if (underWay === 0 && lastUsed < now - forgetAfter) this.#states.delete(key);
  }
}

/** Those of the lowest priority. */
function firstOf<T extends Candidate>(candidates: readonly T[]): readonly T[] {
  if (candidates.every(({ priority = 0 }) => priority === 0)) return candidates;
  const lowest = Math.min(...candidates.map(({ priority = 0 }) => priority));
  return candidates.filter(({ priority = 0 }) => priority === lowest);
}
