import type { Config } from '../config/config.ts';
import { Alike } from '../edit/alike.ts';
import { Places } from '../edit/enrich/places.ts';
import type { Tracing } from '../lib/batch-trace.ts';
import type { Clock } from '../lib/clock.ts';
import type { Instruments } from '../lib/instruments.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { StopSignals } from '../lib/stop-signals.ts';
import type { Millis } from '../lib/units.ts';
import { aborted, isAborted } from '../lib/waiting.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';
import type { PumpContext } from '../pump/define-pump.ts';
import { documentRulesOf } from '../pump/document.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import { listsOf } from '../purge/lists.ts';
import type { Source } from '../purge/purge.ts';
import type { Controls } from '../route/controls/controls.ts';
import type { DeadLetters } from '../route/dead-letters/store.ts';
import type { RouteHealth } from '../route/events/route-health.ts';
import type { RouteReport } from '../route/events/route-report.ts';
import { Route } from '../route/route.ts';
import type { TapPoint } from '../route/tap/tap-point.ts';
import type { Spill } from '../spill/spill.ts';
import { Member, type Reading, type Use } from './member.ts';
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
  /** Where somebody may look at their records; undefined: nowhere. */
  readonly tap?: TapPoint | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Undefined: nobody wants to know how long things take. */
  readonly instruments: Instruments | undefined;
  /** Undefined: nobody wants to know what becomes of batches. */
  readonly tracing?: Tracing | undefined;
}

/** How a route stands in this thread. */
export interface NamedReport {
  readonly route: string;
  readonly report: RouteReport;
}

/** What a reload may change of the parts. */
export type CrewChange = Pick<CrewParts, 'config' | 'pumps' | 'letters' | 'lists'>;

/**
 * The routes of one thread, over one source of leases and chunks. The main thread has one, and each worker. At a reload single
 * routes end and others begin; the rest is not touched.
 */
export class Crew {
  #parts: CrewParts;
  readonly #places: Places;
  readonly #alike = new Alike();
  readonly #members = new Map<string, Member>();
  /** Members that are on their way out of it. */
  readonly #leaving = new Set<Promise<void>>();
  #signals: StopSignals | undefined;

  constructor(parts: CrewParts) {
    this.#parts = parts;
    this.#places = new Places(parts);
    for (const assignment of parts.assignments) this.#assign(assignment);
  }

  /** Undefined: this crew does not run the route. */
  check(route: string): Promise<RouteHealth> | undefined {
    return this.#members.get(route)?.check();
  }

  /** How each of its routes stands. */
  report(): readonly NamedReport[] {
    return [...this.#members].map(([route, member]) => ({
      route,
      report: this.#shown(route, member.report()),
    }));
  }

  /** One that is paused has no part at work that could say so. */
  #shown(route: string, report: RouteReport): RouteReport {
    const paused = this.#parts.controls?.health(route);
    return paused?.state === 'paused'
      ? { ...report, state: 'paused', reason: paused.reason }
      : report;
  }

  /** Runs every route until it is stopped. Resolves with the number of ranges left unanswered. */
  async run(signals: StopSignals, onStopped?: (pump: CheckedPump) => void): Promise<number> {
    this.#signals = signals;
    for (const member of this.#members.values()) member.begin(signals);
    await aborted(signals.stop);
    const ended = async (member: Member): Promise<number> => {
      const unsettled = await member.ended();
      onStopped?.(member.pump);
      return unsettled;
    };
    const unsettled = await Promise.all([...this.#members.values()].map(ended));
    await Promise.all(this.#leaving);
    return unsettled.reduce((sum, ranges) => sum + ranges, 0);
  }

  /** After `run`: leases are kept no longer. */
  async end(): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => member.leave()));
  }

  /** From now on routes are made of this. */
  reconfigure(change: CrewChange): void {
    this.#parts = { ...this.#parts, ...change };
  }

  /** Ends a route, if it is here, within the grace: its sink is closed, and what it has not answered for is given back. */
  async endRoute(route: string, grace: Millis): Promise<void> {
    await this.#members.get(route)?.end(grace);
    this.#alike.remove(route);
  }

  /** A route that has ended is not part of the crew any more. */
  async removeRoute(route: string): Promise<void> {
    const member = this.#members.get(route);
    if (member === undefined) return;
    this.#members.delete(route);
    this.#parts.spill?.leave(route);
    this.#parts.source.forget(route);
    const leaving = member.leave();
    this.#leaving.add(leaving);
    await leaving.finally(() => this.#leaving.delete(leaving));
  }

  /** Begins a route that is new here or has ended, unless the crew is being stopped. */
  async beginRoute(assignment: Assignment): Promise<void> {
    const signals = this.#signals;
    if (signals === undefined || signals.stop.aborted) return;
    await this.#parts.spill?.load(assignment.route);
    if (isAborted(signals.stop) || this.#members.get(assignment.route)?.isRunning === true) return;
    this.#assign(assignment)?.begin(signals);
  }

  #assign(assignment: Assignment): Member | undefined {
    const { route } = assignment;
    const parts = this.#parts;
    const pump = parts.pumps.find(({ entry }) => entry.name === route);
    if (pump === undefined) return undefined;
    const known = this.#members.get(route);
    const reading = known?.reading ?? readingOf(parts, route, () => this.#titleOf(route));
    const shared = { places: this.#places, alike: this.#alike };
    const use = useOf({ ...parts, ...shared, ...reading }, pump, assignment);
    if (known !== undefined) {
      known.become(use);
      return known;
    }
    const control = parts.controls?.of(route);
    const member = new Member({ reading, control, clock: parts.clock }, use);
    this.#members.set(route, member);
    return member;
  }

  #titleOf(route: string): string {
    return this.#members.get(route)?.pump.kind.title ?? '';
  }
}

/** The log of a route, with the prefix of its kind (tyk-pump.md, "Log"). */
export const routeLog = (log: Log, { entry, kind }: CheckedPump): Log =>
  log.child({ prefix: `${kind.type}-pump`, route: entry.name });

/** In the reference's words (tyk-pump.md, "Log"). */
export const sayStopped = (log: Log, pump: CheckedPump): void =>
  routeLog(log, pump).info({}, `${pump.kind.title} gracefully stopped.`);

/** What a route reads from, with the spill between where there is one. */
function readingOf(
  { clock, instruments, source, spill }: CrewParts,
  route: string,
  title: () => string,
): Reading {
  const { mode } = source;
  const fromRedis = { leases: source.leasesFor(route), chunks: source.chunks };
  const spilling = spill?.between(route, fromRedis);
  const { leases, chunks } =
    spilling === undefined ? fromRedis : { leases: spilling, chunks: spilling };
  if (instruments === undefined) return { mode, leases, chunks };
  const onAnswered = (time: Millis): void => instruments.answered(title(), time);
  return { mode, leases: timedLeases(leases, clock, onAnswered), chunks };
}

function useOf(
  parts: CrewParts & Reading & { readonly places: Places; readonly alike: Alike },
  checked: CheckedPump,
  assignment: Assignment,
): Use {
  const { clock, metrics, lists, letters, leases, chunks } = parts;
  const { entry, kind, pump, limits } = checked;
  const log = routeLog(parts.log, checked);
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
        metrics,
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
      tap: parts.tap,
      // The lists are where it looks for dead letters to deliver again.
      lists: assignment.retriesLetters ? listsOf(entry.name, lists) : [],
      delivery: parts.config.delivery,
      tracing: parts.tracing,
      clock,
      log,
      metrics,
    });
  return { pump: checked, log, create };
}
