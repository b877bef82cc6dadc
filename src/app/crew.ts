import type { Config } from '../config/config.ts';
import { Alike } from '../edit/alike.ts';
import { Places } from '../edit/enrich/places.ts';
import type { Clock } from '../lib/clock.ts';
import type { Instruments } from '../lib/instruments.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { StopSignals } from '../lib/stop-signals.ts';
import { sharedAbort } from '../lib/waiting.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';
import type { PumpContext } from '../pump/define-pump.ts';
import { documentRulesOf } from '../pump/document.ts';
import type { RouteLeases, SourceList } from '../purge/lease/lease.ts';
import { listsOf } from '../purge/lists.ts';
import type { Source } from '../purge/purge.ts';
import type { Controls } from '../route/controls/controls.ts';
import { runUnlessPaused } from '../route/controls/unless-paused.ts';
import type { DeadLetters } from '../route/dead-letters/store.ts';
import type { RouteHealth } from '../route/events/route-health.ts';
import type { RouteReport } from '../route/events/route-report.ts';
import { Route } from '../route/route.ts';
import type { Spill } from '../spill/spill.ts';
import { giveBack, supervise } from './supervise.ts';
import { timedLeases } from './timed-leases.ts';
import type { Assignment } from './workers/plan.ts';

export interface CrewParts
  extends Pick<PumpContext, 'processId' | 'writeOutput' | 'logTaken' | 'mount'> {
  readonly config: Pick<Config, 'delivery'>;
  readonly pumps: readonly CheckedPump[];
  /** The routes this thread runs. */
  readonly assignments: readonly Assignment[];
  readonly source: Source;
  readonly spill: Spill | undefined;
  readonly letters: DeadLetters;
  readonly lists: readonly SourceList[];
  /** What operators want of them; undefined: nobody is asked. */
  readonly controls?: Controls | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Undefined: nobody wants to know how long things take. */
  readonly instruments: Instruments | undefined;
}

/** How a route stands in this thread. */
export interface NamedReport {
  readonly route: string;
  readonly report: RouteReport;
}

/** A route with what surrounds it. */
interface Member {
  readonly pump: CheckedPump;
  readonly log: Log;
  readonly leases: RouteLeases;
  readonly create: () => Route;
  /** The one that runs now: a failed one is replaced. */
  current: Route;
}

/** The routes of one thread, over one source of leases and chunks. The main thread has one, and each worker. */
export class Crew {
  readonly #clock: Clock;
  readonly #members: readonly Member[];
  readonly #controls: Controls | undefined;
  readonly #keeping = sharedAbort();
  #kept: readonly Promise<void>[] = [];

  constructor(parts: CrewParts) {
    this.#clock = parts.clock;
    this.#controls = parts.controls;
    const places = new Places(parts);
    const alike = new Alike();
    this.#members = parts.assignments.flatMap((assignment) => {
      const pump = parts.pumps.find(({ entry }) => entry.name === assignment.route);
      return pump === undefined ? [] : [memberOf({ ...parts, places, alike }, pump, assignment)];
    });
  }

  /** Undefined: this crew does not run the route. */
  check(route: string): Promise<RouteHealth> | undefined {
    return this.#members.find(({ pump }) => pump.entry.name === route)?.current.check();
  }

  /** How each of its routes stands. */
  report(): readonly NamedReport[] {
    return this.#members.map(({ pump, current }) => ({
      route: pump.entry.name,
      report: this.#shown(pump.entry.name, current.report()),
    }));
  }

  /** One that is paused has no part at work that could say so. */
  #shown(route: string, report: RouteReport): RouteReport {
    const paused = this.#controls?.health(route);
    return paused?.state === 'paused'
      ? { ...report, state: 'paused', reason: paused.reason }
      : report;
  }

  /** Runs every route until it is stopped. Resolves with the number of ranges left unanswered. */
  async run(signals: StopSignals, onStopped?: (pump: CheckedPump) => void): Promise<number> {
    this.#kept = this.#members.map(({ leases }) => leases.keep(this.#keeping.signal));
    const unsettled = await Promise.all(
      this.#members.map(async (member) => {
        const summary = await this.#supervise(member, signals);
        onStopped?.(member.pump);
        return summary.unsettled;
      }),
    );
    return unsettled.reduce((sum, ranges) => sum + ranges, 0);
  }

  /** After `run`: leases are kept no longer. */
  async end(): Promise<void> {
    this.#keeping.abort();
    await Promise.all(this.#kept);
  }

  #supervise(member: Member, signals: StopSignals) {
    const { log, leases } = member;
    let isFirst = true;
    const create = (): Route => {
      if (!isFirst) member.current = member.create();
      isFirst = false;
      return member.current;
    };
    const clock = this.#clock;
    const control = this.#controls?.of(member.pump.entry.name);
    if (control === undefined) return supervise({ leases, create, clock, log }, signals);
    const pausable = { control, create, giveBack: () => giveBack(leases, log), clock };
    const run = (until: StopSignals) => runUnlessPaused(pausable, until);
    return supervise({ leases, create: () => ({ run }), clock, log }, signals);
  }
}

/** The log of a route, with the prefix of its kind (tyk-pump.md, "Log"). */
export const routeLog = (log: Log, { entry, kind }: CheckedPump): Log =>
  log.child({ prefix: `${kind.type}-pump`, route: entry.name });

function memberOf(
  parts: CrewParts & { readonly places: Places; readonly alike: Alike },
  checked: CheckedPump,
  assignment: Assignment,
): Member {
  const { clock, instruments, metrics, lists, letters, source, spill } = parts;
  const { entry, kind, pump, limits } = checked;
  const log = routeLog(parts.log, checked);
  const fromRedis = { leases: source.leasesFor(entry.name), chunks: source.chunks };
  const spilling = spill?.between(entry.name, fromRedis);
  const { leases: untimed, chunks } =
    spilling === undefined ? fromRedis : { leases: spilling, chunks: spilling };
  const leases =
    instruments === undefined
      ? untimed
      : timedLeases(untimed, clock, (time) => instruments.answered(kind.title, time));
  const now = parts.controls?.of(entry.name);
  const control =
    parts.controls === undefined || now === undefined
      ? undefined
      : { now, grants: parts.controls.grantsOf(entry.name) };
  const create = (): Route =>
    new Route({
      control,
      entry,
      pump,
      limits: { ...limits, inFlight: assignment.inFlight },
      inFlightBytes: assignment.inFlightBytes,
      context: {
        route: entry.name,
        log,
        programLog: parts.log.child({ prefix: `${kind.type}-pump` }),
        clock,
        documents: documentRulesOf(entry.rules),
        processId: parts.processId,
        writeOutput: parts.writeOutput,
        logTaken: parts.logTaken,
        mount: parts.mount,
      },
      leases,
      chunks,
      letters,
      places: parts.places,
      alike: parts.alike,
      // The lists are where it looks for dead letters to deliver again.
      lists: assignment.retriesLetters ? listsOf(entry.name, lists) : [],
      delivery: parts.config.delivery,
      clock,
      log,
      metrics,
    });
  return { pump: checked, log, leases, create, current: create() };
}
