import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import { type HostPort, shownHostPort } from '../../lib/host-port.ts';
import type { ProcessInstruments } from '../../lib/instruments.ts';
import type { Log } from '../../lib/log.ts';
import { type Millis, millis, seconds } from '../../lib/units.ts';
import { GcPauses, type WatchGc } from './gc-pauses.ts';
import { Packets } from './packets.ts';
import { StatsdSocket } from './statsd-socket.ts';
import { gaugeText, nameOf, timingText } from './statsd-text.ts';

const flushEvery = millis(100);
const gaugesEvery = seconds(5);
/** A daemon that is away is said so often. */
const sayAgainAfter = seconds(600);

const quantileNames = ['min', '25', '50', '75', 'max'].map((name) => `pauses_quantile_${name}`);

export interface StatsdParts {
  readonly target: HostPort;
  readonly prefix: string;
  readonly watchGc: WatchGc;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tells a StatsD daemon what Tyk Pump tells it: each metric under `<prefix>.<event>` and once more under
 * `<prefix>.<job>.<event>`. Counters are summed up between two packets, which is one line in place of thousands and the same
 * to the daemon. Nothing here waits for the daemon, and nothing it does or does not do reaches who measures.
 */
export class StatsdInstruments implements ProcessInstruments {
  readonly #parts: StatsdParts;
  readonly #socket: StatsdSocket;
  readonly #packets: Packets;
  readonly #pauses = new GcPauses();
  readonly #endings: (() => void)[] = [];
  #callOffGauges: (() => void) | undefined;
  #claimed = 0;
  #callOff: (() => void) | undefined;
  #saidAt: Millis | undefined;

  constructor(parts: StatsdParts) {
    this.#parts = parts;
    const onFailure = (error: unknown): void => this.#failed(error);
    this.#socket = new StatsdSocket({ ...parts, onFailure });
    this.#packets = new Packets((packet) => this.#socket.send(packet));
  }

  start(): void {
    const { log, target, prefix, watchGc } = this.#parts;
    const address = shownHostPort(target);
    log.info({ address, statsd_prefix: prefix }, 'Metrics of the service go to StatsD.');
    this.#socket.open();
    this.#endings.push(watchGc((pauses) => this.paused(pauses)));
    this.#gaugesLater();
  }

  /** Sends what is left. */
  close(): void {
    for (const end of this.#endings.splice(0)) end();
    this.#callOffGauges?.();
    this.#flush();
    this.#socket.close();
  }

  claimed(records: number): void {
    this.#claimed += records;
    this.#flushSoon();
  }

  purged(time: Millis): void {
    this.#add('PumpRecordsPurge', 'purge_time_all', `${timingText(time)}|ms`);
  }

  answered(pump: string, time: Millis): void {
    this.#add('PumpRecordsPurge', `purge_time_${pump}`, `${timingText(time)}|ms`);
  }

  /** Garbage was collected, in this thread or another one; nanoseconds. */
  paused(pauses: readonly number[]): void {
    this.#pauses.add(pauses);
  }

  #gaugesLater(): void {
    this.#callOffGauges = this.#parts.clock.after(gaugesEvery, () => {
      this.#sendGauges();
      this.#gaugesLater();
    });
  }

  #sendGauges(): void {
    for (const [at, value] of this.#pauses.quantiles().entries())
      this.#add('GCActivity', quantileNames[at] ?? '', `${gaugeText(value)}|g`);
  }

  #add(job: string, event: string, value: string): void {
    const { prefix } = this.#parts;
    this.#packets.add(`${nameOf([prefix, event])}:${value}`);
    this.#packets.add(`${nameOf([prefix, job, event])}:${value}`);
    this.#flushSoon();
  }

  #flushSoon(): void {
    this.#callOff ??= this.#parts.clock.after(flushEvery, () => this.#flush());
  }

  #flush(): void {
    this.#callOff?.();
    if (this.#claimed > 0) this.#add('PumpRecordsPurge', 'record', `${this.#claimed}|c`);
    this.#claimed = 0;
    this.#packets.flush();
    this.#callOff = undefined;
  }

  #failed(error: unknown): void {
    const { clock, log, target } = this.#parts;
    const now = clock.elapsed();
    if (this.#saidAt !== undefined && now - this.#saidAt < sayAgainAfter) return;
    this.#saidAt = now;
    log.warn(
      { address: shownHostPort(target), error: explain(error) },
      'The StatsD daemon does not take metrics; they are dropped until it does. Nothing else is affected.',
    );
  }
}
