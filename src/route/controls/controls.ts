import { Bell } from '../../lib/bell.ts';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { millis } from '../../lib/units.ts';
import { isAborted, pause } from '../../lib/waiting.ts';
import type { RedisClient } from '../../redis/client.ts';
import { isRefusal, untilItSucceeds } from '../../redis/retrying.ts';
import type { RouteHealth } from '../events/route-health.ts';
import { type Grants, localGrants } from '../pace/rate.ts';
import { sharedGrants } from './grants.ts';
import { type Change, noControls, type RouteControls, readControls } from './store.ts';

/** How soon a change is noticed. */
const lookEvery = millis(1000);
const longestSleep = millis(60_000);

/** What is wanted of one route now. */
export class RouteControl {
  #now: RouteControls = noControls;
  #pausing = new AbortController();
  readonly #bell: Bell;
  readonly #hear = new Set<() => void>();

  constructor(clock: Clock) {
    this.#bell = new Bell(clock);
  }

  get paused(): RouteControls['paused'] {
    return this.#now.paused;
  }

  /** Instead of what the configuration says; undefined: nothing else is wanted. */
  get rate(): RouteControls['rate'] {
    return this.#now.rate;
  }

  get last(): Change | undefined {
    return this.#now.last;
  }

  /** Aborts when the route is paused: it has aborted while it is. */
  get pausing(): AbortSignal {
    return this.#pausing.signal;
  }

  /** Resolves when the route is not paused, or at the signal. */
  async untilResumed(signal: AbortSignal): Promise<void> {
    while (this.#now.paused !== undefined && !isAborted(signal))
      await this.#bell.sleep(longestSleep, signal);
  }

  /** Calls `act` when another rate is wanted, until what it returns is called. */
  onRate(act: () => void): () => void {
    this.#hear.add(act);
    return () => this.#hear.delete(act);
  }

  take(found: RouteControls): void {
    const was = this.#now;
    this.#now = found;
    if (JSON.stringify(was.rate) !== JSON.stringify(found.rate))
      for (const act of this.#hear) act();
    if (found.paused !== undefined) this.#pausing.abort(new Error('the route is paused'));
    else if (was.paused !== undefined) {
      this.#pausing = new AbortController();
      this.#bell.ring();
    }
  }
}

export interface ControlsParts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Each with the list that its controls go with. */
  readonly routes: readonly { readonly route: string; readonly home: string }[];
  /** Hears of each route when something has changed, and once at the beginning. */
  readonly onChange?: (route: string, control: RouteControl) => void;
}

/**
 * What operators want of the routes of one thread: asked of Redis once before they begin, so that a paused route does not
 * begin either, and once a second then. Without an answer what was wanted last goes on.
 */
export class Controls {
  readonly #parts: ControlsParts;
  readonly #routes: Map<string, RouteControl>;
  readonly #homes: Map<string, string>;
  #isRefused = false;

  constructor(parts: ControlsParts) {
    this.#parts = parts;
    this.#homes = new Map(parts.routes.map(({ route, home }) => [route, home] as const));
    this.#routes = new Map(
      parts.routes.map(({ route }) => [route, new RouteControl(parts.clock)] as const),
    );
  }

  /** Undefined: nothing is asked for this route. */
  of(route: string): RouteControl | undefined {
    return this.#routes.get(route);
  }

  /** The route's rate, shared with all who send for it. */
  grantsOf(route: string): Grants {
    const { client, clock, log } = this.#parts;
    const home = this.#homes.get(route);
    return home === undefined
      ? localGrants(clock)
      : sharedGrants({ client, route, home, clock, log: log.child({ route }) });
  }

  /** Why nothing is sent; undefined: the route is not paused. */
  health(route: string): RouteHealth | undefined {
    const paused = this.of(route)?.paused;
    return paused && { state: 'paused', reason: `paused by ${paused.by} since ${paused.at}` };
  }

  /** Resolves once it is known; rejects only with the signal's reason. Where Redis refuses to say, nothing is wanted. */
  async begin(signal: AbortSignal): Promise<void> {
    const look = async (): Promise<void> => {
      try {
        await this.#look();
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#refused(error);
      }
    };
    await untilItSucceeds(look, this.#parts, signal);
    for (const [route, control] of this.#routes) this.#parts.onChange?.(route, control);
  }

  /** A route that comes later. As `begin`. */
  async add({ route, home }: ControlsParts['routes'][number], signal: AbortSignal): Promise<void> {
    if (this.#routes.has(route)) return;
    this.#homes.set(route, home);
    this.#routes.set(route, new RouteControl(this.#parts.clock));
    await this.begin(signal);
  }

  /** A route that is there no more. */
  remove(route: string): void {
    this.#homes.delete(route);
    this.#routes.delete(route);
  }

  async watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    for (;;) {
      await pause(clock, lookEvery, signal);
      if (isAborted(signal)) return;
      try {
        await this.#look();
        this.#isRefused = false;
      } catch (error) {
        if (isRefusal(error)) this.#refused(error);
      }
    }
  }

  async #look(): Promise<void> {
    const byHome = new Map<string, string[]>();
    for (const [route, home] of this.#homes) byHome.set(home, [...(byHome.get(home) ?? []), route]);
    await Promise.all(
      [...byHome].map(async ([home, routes]) => {
        const found = await readControls(this.#parts.client, home, routes);
        for (const [at, route] of routes.entries()) this.#take(route, found[at] ?? noControls);
      }),
    );
  }

  #take(route: string, found: RouteControls): void {
    const control = this.#routes.get(route);
    if (control === undefined) return;
    const before = JSON.stringify([control.paused, control.rate, control.last]);
    control.take(found);
    if (before !== JSON.stringify([found.paused, found.rate, found.last]))
      this.#parts.onChange?.(route, control);
  }

  #refused(error: Error): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.#parts.log.warn(
      { error: explain(error) },
      'Redis does not say what operators want of the pumps (sluice route); what was wanted last goes on.',
    );
  }
}
