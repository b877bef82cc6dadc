/**
 * Puts another configuration in force while the service runs. It is read and checked as a whole, with its secrets and
 * certificates; with an error in it, or a sink that does not open, everything stays as it is. One reload at a time: those asked for
 * meanwhile are joined into one more, for what they want to be read may have been written after the first one had read it.
 */
import type { Config } from '../../config/config.ts';
import type { EffectiveValue } from '../../config/effective.ts';
import { formatProblem, type Problem } from '../../config/problem.ts';
import type { Clock } from '../../lib/clock.ts';
import { digestOf } from '../../lib/digest.ts';
import { explain, ServiceError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Mask } from '../../lib/mask.ts';
import { type Millis, seconds } from '../../lib/units.ts';
import { isAborted, withDeadline } from '../../lib/waiting.ts';
import { configurationHash } from '../../operate/instance-about.ts';
import type { CheckedPump } from '../../pump/check-pumps.ts';
import { trySink } from '../../pump/try-sink.ts';
import type { RouteHealth } from '../../route/events/route-health.ts';
import type { LogLevel } from '../../telemetry/log.ts';
import type { ExposedMetrics } from '../../telemetry/metrics.ts';
import { type Certificate, readAdminTls } from '../admin-tls.ts';
import type { ConfigTexts } from '../workers/config-texts.ts';
import { type Difference, differenceOf } from './difference.ts';
import type { Change, InForce } from './hand-over.ts';
import { createReloadMetrics, type outcomes } from './reload-metrics.ts';
import { fingerprintsOf } from './route-fingerprint.ts';
import { changedSettings, inForce, valuesInForce, waitingOptions } from './takes-effect.ts';

/** The configuration as it was found when it was read again. */
export interface ReadAgain {
  /** Undefined where it has errors. */
  readonly config: Config | undefined;
  readonly pumps: readonly CheckedPump[];
  /** Every option with its value, and who said it. */
  readonly effective: readonly EffectiveValue[];
  readonly problems: readonly Problem[];
  /** The names of all entries. */
  readonly configured: readonly string[];
  /** Of entries of a type that is not there. */
  readonly leftOut: readonly Problem[];
  readonly logLevel: LogLevel;
  readonly texts: ConfigTexts;
}

/** How the configuration is read again, and what else has to know of it. */
export interface Rereading {
  readonly read: () => Promise<ReadAgain>;
  /** Those that were read last. */
  readonly files: () => readonly string[];
  /** It is about to be in force: for threads that begin from now on, the log, the end of the process. */
  readonly adopt: (read: ReadAgain, config: Config) => void;
}

/** What came of a reload, for people. */
export interface ReloadReport {
  readonly outcome: (typeof outcomes)[number];
  /** Who asked for it. */
  readonly by: string;
  /** When it was over. */
  readonly at: Millis;
  readonly took: Millis;
  /** Of the configuration in force afterwards. */
  readonly hash: string;
  readonly routes: Difference;
  /** Options of the service that were changed and are in force. */
  readonly settings: readonly string[];
  /** Those that take effect at the next start. */
  readonly atNextStart: readonly string[];
  /** Why it was refused, all of it; and what there is to warn of. Masked. */
  readonly problems: readonly string[];
}

export interface ReloadStatus {
  /** Of the configuration in force. */
  readonly hash: string;
  readonly isUnderWay: boolean;
  /** Undefined: there was none. */
  readonly last: ReloadReport | undefined;
}

export interface ReloaderParts {
  readonly rereading: Rereading;
  /** As the process was started. */
  readonly start: {
    readonly config: Config;
    readonly pumps: readonly CheckedPump[];
    readonly effective: readonly EffectiveValue[];
    readonly certificate: Certificate | undefined;
  };
  readonly clock: Clock;
  readonly log: Log;
  readonly mask: Mask;
  readonly metrics: ExposedMetrics;
  /** Aborts when the service is to stop. */
  readonly stop: AbortSignal;
}

/** The service as a reload sees it. */
export interface Reloadable {
  readonly inForce: InForce;
  check(route: string): Promise<RouteHealth> | undefined;
  handOver(change: Change): Promise<void>;
}

/** A sink that does not open within this time is one that does not open. */
const openingTime = seconds(10);
const nothing: Difference = { added: [], removed: [], changed: [], unchanged: [] };

/** Nothing was changed, for these reasons. */
class Refused extends ServiceError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('RELOAD_REFUSED', 'the new configuration is not put in force');
    this.problems = problems;
  }
}

export class Reloader {
  readonly #parts: ReloaderParts;
  readonly #metrics: ReturnType<typeof createReloadMetrics>;
  #service: Reloadable | undefined;
  #running: (() => void) | undefined;
  readonly #whenRunning: Promise<void>;
  #hash: string;
  /** Of what was read last and put in force; undefined: of the start, not yet. */
  #fingerprints: Promise<ReadonlyMap<string, string>>;
  /** Digest of the certificate of the admin server. */
  #certificate: string;
  #last: ReloadReport | undefined;
  #underWay: Promise<ReloadReport> | undefined;
  #next: Promise<ReloadReport> | undefined;

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
    const { clock, metrics, start } = parts;
    this.#metrics = createReloadMetrics(metrics);
    this.#hash = configurationHash(start.effective);
    this.#fingerprints = fingerprintsOf(start);
    this.#certificate = digestOf(start.certificate);
    this.#metrics.started(this.#hash, clock.now());
    this.#whenRunning = new Promise((resolve) => {
      this.#running = resolve;
    });
  }

  get status(): ReloadStatus {
    return { hash: this.#hash, isUnderWay: this.#underWay !== undefined, last: this.#last };
  }

  /** The service runs: what was asked for during its start is done now. */
  serves(service: Reloadable): void {
    this.#service = service;
    this.#running?.();
  }

  /** Does not reject. During the start it waits for its end. */
  reload(by: string): Promise<ReloadReport> {
    if (this.#underWay === undefined) {
      this.#underWay = this.#whenRunning
        .then(() => this.#reload(by))
        .finally(() => {
          this.#underWay = undefined;
        });
      return this.#underWay;
    }
    this.#next ??= this.#underWay.then(() => {
      this.#next = undefined;
      return this.reload(by);
    });
    return this.#next;
  }

  async #reload(by: string): Promise<ReloadReport> {
    const { clock, log } = this.#parts;
    const begun = clock.elapsed();
    log.info({ by }, 'The configuration is read again.');
    const found = await this.#tryToReload();
    const report: ReloadReport = {
      ...found,
      by,
      at: clock.now(),
      took: (clock.elapsed() - begun) as Millis,
      hash: this.#hash,
    };
    this.#last = report;
    this.#metrics.reloaded(report.outcome, report.at);
    this.#say(report);
    return report;
  }

  async #tryToReload(): Promise<
    Pick<ReloadReport, 'outcome' | 'routes' | 'settings' | 'atNextStart' | 'problems'>
  > {
    const none = { routes: nothing, settings: [], atNextStart: [] };
    try {
      return await this.#readAndApply();
    } catch (error) {
      if (error instanceof Refused)
        return { ...none, outcome: 'refused', problems: error.problems };
      const problems = [this.#parts.mask(explain(error))];
      // Nobody knows how far it went: the next one hands every route over.
      const routes = this.#service?.inForce.pumps.map(({ entry }) => [entry.name, ''] as const);
      this.#fingerprints = Promise.resolve(new Map(routes));
      return { ...none, outcome: 'failed', problems };
    }
  }

  async #readAndApply(): Promise<
    Pick<ReloadReport, 'outcome' | 'routes' | 'settings' | 'atNextStart' | 'problems'>
  > {
    const { rereading, start, mask, metrics, stop } = this.#parts;
    const service = this.#service;
    if (service === undefined || stop.aborted) throw new Refused(['the service is stopping']);
    const before = service.inForce;
    // Before what is in force now can be read from files that have changed.
    const earlier = await this.#fingerprints;
    const read = await rereading.read();
    const config = this.#accepted(read, before);
    const now = inForce({ ...start.config, admin: before.config.admin }, config);
    const fingerprints = await fingerprintsOf({ config: now, pumps: read.pumps });
    const routes = differenceOf(earlier, fingerprints);
    const certificate = await this.#certificateOf(now);
    await this.#trySinks(read.pumps, routes.changed, service);
    if (isAborted(stop)) throw new Refused(['the service is stopping']);

    const settings = this.#changes(before.config, now, certificate);
    const atNextStart = waitingOptions(start.config, config);
    rereading.adopt(read, now);
    this.#fingerprints = Promise.resolve(fingerprints);
    const effective = valuesInForce(start.effective, read.effective, atNextStart);
    await service.handOver({ ...read, config: now, effective, difference: routes, certificate });
    this.#certificate = digestOf(certificate);
    const hash = configurationHash(effective);
    if (hash !== this.#hash) await metrics.forget('hash', this.#hash);
    this.#hash = hash;
    this.#metrics.inForce(hash);
    const { added, removed, changed } = routes;
    const isChanged = [...added, ...removed, ...changed, ...settings].length > 0;
    return {
      outcome: isChanged ? 'applied' : 'unchanged',
      routes,
      settings,
      atNextStart,
      problems: [...read.problems, ...read.leftOut].map((each) => mask(formatProblem(each))),
    };
  }

  /** Read again, for it may have been renewed under its old name. */
  async #certificateOf({ admin }: Config): Promise<Certificate | undefined> {
    try {
      return await readAdminTls(admin);
    } catch (error) {
      throw new Refused([this.#parts.mask(explain(error))]);
    }
  }

  /** Options of the service that take effect now. */
  #changes(before: Config, now: Config, certificate: Certificate | undefined): readonly string[] {
    const options = changedSettings(before, now).flatMap((each) => each.options);
    const isRenewed = digestOf(certificate) !== this.#certificate;
    return isRenewed && !options.includes('sluice.admin') ? [...options, 'sluice.admin'] : options;
  }

  /** The configuration that was read; throws where it must not be in force. */
  #accepted({ config, pumps, problems, configured, leftOut }: ReadAgain, before: InForce): Config {
    const { mask } = this.#parts;
    const errors = problems.filter(({ severity }) => severity === 'error');
    // At a start such an entry is left out. Here it would end a route that runs.
    const isUsable = (name: string): boolean => pumps.some(({ entry }) => entry.name === name);
    const isEnded = before.pumps.some(
      ({ entry: { name } }) => configured.includes(name) && !isUsable(name),
    );
    const ended = isEnded ? leftOut : [];
    if (config === undefined || errors.length + ended.length > 0)
      throw new Refused([...problems, ...ended].map((each) => mask(formatProblem(each))));
    if (!pumps.some(({ entry }) => entry.records === 'analytics'))
      throw new Refused(['No pumps configured']);
    return config;
  }

  /**
   * Opens the new sink of each route that is changed, beside the old one, and closes it again: a wrong password must not end a
   * delivery that works. One that does not work anyway has nothing to lose. What is one thing cannot be opened twice.
   */
  async #trySinks(
    pumps: readonly CheckedPump[],
    changed: readonly string[],
    service: Reloadable,
  ): Promise<void> {
    const { clock, mask, stop } = this.#parts;
    const tried = pumps.filter(
      ({ entry, pump }) => changed.includes(entry.name) && pump.workers === 'any',
    );
    const failures = await Promise.all(
      tried.map(async (checked) => {
        const { name } = checked.entry;
        const why = await withDeadline(
          (signal) => trySink(checked, clock, signal),
          { clock, after: openingTime },
          stop,
        ).then(
          (health) => (health.state === 'down' ? health.reason : undefined),
          (error: unknown) => explain(error),
        );
        if (why === undefined) return [];
        const old = await service.check(name);
        if (old === undefined || old.state === 'down') return [];
        return [
          mask(
            `${name}: the sink does not open as it is configured now: ${why}; the old one goes on`,
          ),
        ];
      }),
    );
    const reasons = failures.flat();
    if (reasons.length > 0) throw new Refused(reasons);
  }

  #say({ outcome, by, took, hash, routes, settings, atNextStart, problems }: ReloadReport): void {
    const { log } = this.#parts;
    const { added, removed, changed, unchanged } = routes;
    if (outcome === 'refused' || outcome === 'failed') {
      for (const problem of problems) log.error({}, problem);
      log.error(
        { by, outcome, problems: problems.length, hash },
        outcome === 'refused'
          ? 'The configuration was not reloaded: it has errors, and what was in force stays so.'
          : 'The reload failed by a bug, perhaps half-way; the next one hands every pump over.',
      );
      return;
    }
    for (const problem of problems) log.warn({}, problem);
    for (const option of atNextStart)
      log.warn({ option }, 'A changed option takes effect at the next start.');
    const seconds = took / 1000;
    log.info(
      { by, added, removed, changed, unchanged: unchanged.length, settings, seconds, hash },
      outcome === 'unchanged'
        ? 'The configuration has not changed.'
        : 'The configuration was reloaded.',
    );
  }
}
