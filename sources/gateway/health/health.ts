/** The health of the upstreams of a gateway: what checks and calls have told, for those who choose an upstream. */
import type { SourceContext } from '#source';
import type { Ejection } from '../../shared/balance/balancer.ts';
import { QuietLog } from '../../shared/listen/quiet-log.ts';
import { Balancers } from '../balance/balancers.ts';
import type { Balance } from '../balance/targets.ts';
import type { Options } from '../options.ts';
import type { Check, Rhythm } from './check.ts';
import { createHealthMeter, type HealthMeter } from './health-meter.ts';
import { HealthMonitor } from './health-monitor.ts';
import { UptimeRecords } from './uptime-records.ts';

type Wanted = Pick<Options, 'health' | 'outlier'>;

export class Health {
  readonly rhythm: Rhythm;
  readonly #monitor: HealthMonitor;
  readonly #records: UptimeRecords | undefined;
  readonly #meter: HealthMeter;
  readonly #ejection: Ejection;
  readonly #context: SourceContext;
  #balancers: Balancers | undefined;

  constructor(options: Wanted, context: SourceContext) {
    const { clock, log, metrics, name, redis } = context;
    this.#context = context;
    this.#meter = createHealthMeter(metrics, name);
    this.rhythm = rhythmOf(options);
    this.#ejection = ejectionOf(options);
    const records =
      redis === undefined
        ? undefined
        : new UptimeRecords({ redis, clock, log: new QuietLog(log, clock), meter: this.#meter });
    this.#records = records;
    this.#monitor = new HealthMonitor({
      ...{ clock, log, meter: this.#meter },
      onSight: (check, sight) => records?.add(check, sight),
    });
  }

  /** For the rules that are read now: what is known of upstreams goes over to them. */
  balance(): Balance {
    const { clock, log } = this.#context;
    const quietLog = new QuietLog(log, clock);
    this.#balancers = new Balancers(
      {
        ...{ clock, ejection: this.#ejection },
        eventsOf: (api) => ({
          onEjected: (upstream, time) => {
            this.#meter.ejected();
            log.warn(
              { api, upstream, ms: time },
              'An upstream is passed over for a while: calls of it have failed.',
            );
          },
          onPanic: () => {
            this.#meter.panicked();
            quietLog.warn(
              { api, reason: api },
              'All upstreams of an API are unhealthy. Calls go to them as if they were not.',
            );
          },
        }),
      },
      this.#balancers,
    );
    return {
      balancers: this.#balancers,
      isDown: (api, place) => this.#monitor.isDown(api, place),
    };
  }

  watch(checks: readonly Check[]): void {
    this.#monitor.watch(checks);
  }

  async stop(): Promise<void> {
    this.#monitor.stop();
    await this.#records?.stop();
  }
}

const rhythmOf = ({ health }: Pick<Options, 'health'>): Rhythm => ({
  interval: health.interval,
  timeout: health.timeout,
  unhealthyAfter: health.unhealthy_after,
  healthyAfter: health.healthy_after,
});

const ejectionOf = ({ outlier }: Pick<Options, 'outlier'>): Ejection => ({
  serverErrors: outlier.server_errors,
  gatewayErrors: outlier.gateway_errors,
  time: outlier.time,
  mostPercent: 100,
  leastHealthyPercent: 0,
});
