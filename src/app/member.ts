import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { StopSignals } from '../lib/stop-signals.ts';
import type { Millis } from '../lib/units.ts';
import { later, onAbort, sharedAbort } from '../lib/waiting.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';
import type { Chunks, RouteLeases } from '../purge/lease/lease.ts';
import type { Source } from '../purge/purge.ts';
import type { RouteControl } from '../route/controls/controls.ts';
import { runUnlessPaused } from '../route/controls/unless-paused.ts';
import type { RouteHealth } from '../route/events/route-health.ts';
import type { RouteReport } from '../route/events/route-report.ts';
import type { Route } from '../route/route.ts';
import type { RouteSignals } from '../route/signals.ts';
import { giveBack, supervise } from './supervise.ts';

/** What a route reads from, whatever its configuration. */
export interface Reading extends Pick<Source, 'mode'> {
  readonly leases: RouteLeases;
  readonly chunks: Chunks;
}

interface MemberParts {
  readonly reading: Reading;
  /** What operators want of it; undefined: nobody is asked. */
  readonly control: RouteControl | undefined;
  readonly clock: Clock;
}

/** A configured pump, and the route that it is. */
export interface Use {
  readonly pump: CheckedPump;
  readonly log: Log;
  readonly create: () => Route;
}

/** How a run is going. */
interface Run {
  readonly stop: AbortController;
  readonly shorten: AbortController;
  readonly abandon: AbortController;
  /** Gives the number of ranges left unanswered. */
  readonly done: Promise<number>;
}

/**
 * A route with what surrounds it, from its first run to its last. It runs one route at a time, over the same leases: another one,
 * of another configuration, begins once the one before has ended, closed its sink and given back what it had not answered for.
 */
export class Member {
  readonly #parts: MemberParts;
  readonly #keeping = sharedAbort();
  #use: Use;
  /** The one that runs now: a failed one is replaced. */
  #current: Route;
  #kept: Promise<void> | undefined;
  #run: Run | undefined;

  constructor(parts: MemberParts, use: Use) {
    this.#parts = parts;
    this.#use = use;
    this.#current = use.create();
  }

  get reading(): Reading {
    return this.#parts.reading;
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  get pump(): CheckedPump {
    return this.#use.pump;
  }

  check(): Promise<RouteHealth> {
    return this.#current.check();
  }

  report(): RouteReport {
    return this.#current.report();
  }

  /** What it runs from its next beginning on. */
  become(use: Use): void {
    this.#use = use;
    this.#current = use.create();
  }

  /** Runs until it is stopped, by these signals or by `end`. */
  begin(signals: StopSignals): void {
    const { reading, control, clock } = this.#parts;
    const { leases, mode } = reading;
    const { create: make, log } = this.#use;
    this.#kept ??= leases.keep(this.#keeping.signal);
    const [stop, abandon, shorten] = [sharedAbort(), sharedAbort(), sharedAbort()];
    const forget = [
      onAbort(signals.stop, () => stop.abort(signals.stop.reason)),
      onAbort(signals.abandon, () => abandon.abort(signals.abandon.reason)),
    ];
    let isFirst = true;
    const next = (): Route => {
      if (!isFirst) this.#current = make();
      isFirst = false;
      return this.#current;
    };
    const pausable = control && {
      control,
      mode,
      create: next,
      giveBack: () => giveBack(leases, log),
      clock,
    };
    const create =
      pausable === undefined
        ? next
        : () => ({ run: (until: RouteSignals) => runUnlessPaused(pausable, until) });
    const until = { stop: stop.signal, abandon: abandon.signal, shorten: shorten.signal };
    const running = supervise({ leases, create, clock, log }, until);
    const done = running.then(({ unsettled }) => {
      for (const each of forget) each();
      return unsettled;
    });
    this.#run = { stop, shorten, abandon, done };
  }

  /** Of the run under way or the last one: how many ranges it left unanswered. */
  async ended(): Promise<number> {
    return (await this.#run?.done) ?? 0;
  }

  /**
   * Ends the run under way: what it has begun is finished, then the rest is given back; what was popped is sent first. After
   * the grace attempts are aborted.
   */
  async end(grace: Millis): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    const over = new AbortController();
    const changed = new Error('the configuration has changed');
    if (this.#parts.reading.mode === 'at-least-once') run.shorten.abort(changed);
    run.stop.abort(changed);
    const late = new Error('the time to hand over in is over');
    later(this.#parts.clock, grace, () => run.abandon.abort(late), over.signal);
    await run.done;
    over.abort();
    this.#run = undefined;
  }

  /** After the last run: leases are kept no longer. */
  async leave(): Promise<void> {
    this.#keeping.abort();
    await this.#kept;
  }
}
