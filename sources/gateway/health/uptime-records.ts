/** Uptime records for the gateway's list: what a pump takes from there is the same as of a Tyk gateway. */
import { createHash } from 'node:crypto';
import { type Clock, encodeUptime, explain, type SourceRedis, seconds } from '#source';
import type { QuietLog } from '../../shared/listen/quiet-log.ts';
import type { Check, Sight } from './check.ts';
import type { HealthMeter } from './health-meter.ts';

const list = 'host-checker:tyk-uptime-analytics';

/** Records that wait while Redis is away; then the oldest go. */
const mostWaiting = 1000;

/** In Redis: as of so many nobody reads the list, which has no other bound. */
const mostInRedis = 100_000;

/** What the gateway records where nobody answered: "web server is down". */
const noAnswer = 521;
const aHundredYears = 100 * 365 * 86_400;
const tryAgainAfter = seconds(1);

interface Parts {
  readonly redis: SourceRedis;
  readonly clock: Clock;
  readonly log: QuietLog;
  readonly meter: HealthMeter;
}

interface Waiting {
  readonly bytes: Buffer;
  /** Of several processes with the same check the one that takes it in this round writes. */
  readonly turn: string;
  /** Milliseconds of a round. */
  readonly interval: number;
  isOurs: boolean;
}

/** Writes one after the other, beside the traffic and never in its way. */
export class UptimeRecords {
  readonly #parts: Parts;
  readonly #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #isTooLong = false;
  #isEnding = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Never throws, never waits. */
  add(check: Check, sight: Sight): void {
    if (this.#waiting.length >= mostWaiting) {
      this.#waiting.shift();
      this.#parts.meter.uptime('dropped');
      this.#parts.log.warn({ reason: 'Redis' }, 'Uptime records are dropped: Redis takes none.');
    }
    this.#waiting.push({
      bytes: uptimeRecord(check, sight),
      turn: `host-checker:sluice-${createHash('sha256').update(`${check.api}\0${check.url}`).digest('hex').slice(0, 32)}`,
      ...{ interval: check.rhythm.interval, isOurs: false },
    });
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Writes what waits, and tries no further where Redis is away. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#writing;
    this.#parts.meter.uptime('dropped', this.#waiting.length);
  }

  async #write(): Promise<void> {
    const { clock, log } = this.#parts;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      try {
        await this.#writeOne(next);
        if (this.#waiting[0] === next) this.#waiting.shift();
      } catch (error) {
        log.warn({ reason: explain(error) }, 'Uptime records wait: Redis does not take them.');
        if (this.#isEnding) return;
        await new Promise<void>((resolve) => {
          clock.after(tryAgainAfter, resolve);
        });
      }
    }
  }

  async #writeOne(record: Waiting): Promise<void> {
    const { redis, meter, log } = this.#parts;
    if (!record.isOurs) {
      // A little less than a round, in which the same process looks again.
      const round = String(Math.max(1, Math.round(record.interval * 0.8)));
      const taken = await redis.call('SET', record.turn, '1', 'PX', round, 'NX');
      if (taken === null) {
        meter.uptime('elsewhere');
        return;
      }
      record.isOurs = true;
    }
    if (this.#isTooLong && Number(await redis.call('LLEN', list)) >= mostInRedis) {
      meter.uptime('dropped');
      log.warn(
        { list, records: mostInRedis },
        'Uptime records are dropped: nobody reads their list. A pump does, unless dont_purge_uptime_data says otherwise.',
      );
      return;
    }
    this.#isTooLong = Number(await redis.call('RPUSH', list, record.bytes)) >= mostInRedis;
    meter.uptime('written');
  }
}

/** As the gateway writes it: an answer other than 200 is an error of the server, and no answer is 521. */
function uptimeRecord({ url, api, organisation, expiresAfter }: Check, sight: Sight): Buffer {
  const at = new Date(sight.at);
  const whole = Math.floor(sight.at / 1000);
  const nanos = Math.floor((sight.at - whole * 1000) * 1e6);
  return encodeUptime({
    url,
    request_time: Math.floor(sight.took),
    response_code: sight.status ?? noAnswer,
    tcp_error: sight.status === undefined,
    server_error: sight.status !== undefined && sight.status > 200,
    day: at.getUTCDate(),
    month: at.getUTCMonth() + 1,
    year: at.getUTCFullYear(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    timestamp: { seconds: whole, nanos },
    expireAt: { seconds: whole + (expiresAfter > 0 ? expiresAfter : aHundredYears), nanos },
    api_id: api,
    org_id: organisation,
  });
}
