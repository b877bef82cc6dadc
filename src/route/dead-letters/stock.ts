import { Cluster } from 'ioredis';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Gauge, Metrics } from '../../lib/metrics.ts';
import { millis } from '../../lib/units.ts';
import { inTime, pause, unlessAborted } from '../../lib/waiting.ts';
import type { SourceList } from '../../purge/lease/lease.ts';
import type { RedisClient } from '../../redis/client.ts';
import { deadKey, stateKey } from '../../redis/keys.ts';
import { layout } from '../../redis/layout.ts';
import { runScript, script } from '../../redis/script.ts';
import { undecodableRoute } from './letter.ts';
import { bytesField } from './scripts/keys.ts';

interface StockParts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly lists: readonly SourceList[];
  readonly routes: readonly string[];
  /** The gateway's list of uptime records, claimed here or not. */
  readonly uptimeList: string;
}

/** Two commands each time, one more for each list in a Cluster: nothing beside what a round sends. */
const lookEvery = millis(15_000);
const longestLook = millis(60_000);

/**
 * How long the gateway's lists are, and how many dead letters each route has. Read-only; a list of another type counts
 * as empty, and of one whose layout is not ours the dead letters are not counted.
 *
 * KEYS  for each list: the list, its state
 * ARGV  1 what the fields of dead letters begin with, then for each list what the keys of its dead letters begin with
 * Reply for each list: {records, {route, dead letters, …}}
 */
const stockScript = script(`
local found = {}
for at = 1, #KEYS, 2 do
  local length = redis.pcall('LLEN', KEYS[at])
  local layout = redis.pcall('HGET', KEYS[at + 1], 'layout')
  local fields = (not layout or layout == '${layout}') and redis.pcall('HKEYS', KEYS[at + 1]) or {}
  local letters = {}
  for _, field in ipairs(fields) do
    if string.sub(field, 1, #ARGV[1]) == ARGV[1] then
      local route = string.sub(field, #ARGV[1] + 1)
      local count = redis.pcall('HLEN', ARGV[(at + 3) / 2] .. route)
      if type(count) == 'number' and count > 0 then
        letters[#letters + 1] = route
        letters[#letters + 1] = count
      end
    end
  end
  found[#found + 1] = {type(length) == 'number' and length or 0, letters}
end
return found
`);

type Reply = readonly (readonly [number, readonly (string | number)[]])[];

/** The metrics of `Stock`. */
export function createStockGauges(metrics: Metrics) {
  return {
    waiting: metrics.gauge({
      name: 'sluice_waiting_records',
      help: 'Records in a gateway list that nobody has claimed yet, as of the last look, every 15 seconds.',
      labels: ['list'],
    }),
    letters: metrics.gauge({
      name: 'sluice_dead_letters_kept',
      help: 'Dead letters in Redis now, over all instances, as of the last look, every 15 seconds.',
      labels: ['route'],
    }),
    uptime: metrics.gauge({
      name: 'sluice_uptime_records',
      help: 'Records in the gateway’s list of uptime data that nobody has claimed; without an uptime pump nobody does.',
    }),
  };
}

/** What waits in Redis and is nobody's range, as metrics: looked at now and then, over all instances. */
export class Stock {
  #parts: StockParts;
  readonly #waiting: Gauge;
  readonly #letters: Gauge;
  readonly #uptime: Gauge;
  /** Those that had letters when last looked at: none is a figure, too. */
  readonly #withLetters = new Set<string>();
  #mayAskUptime = true;
  #mayScript = true;

  constructor(parts: StockParts) {
    this.#parts = parts;
    const { metrics, lists, routes } = parts;
    const { waiting, letters, uptime } = createStockGauges(metrics);
    this.#waiting = waiting;
    this.#letters = letters;
    this.#uptime = uptime;
    for (const { key } of lists) this.#waiting.set(0, { list: key });
    for (const route of [...routes, undecodableRoute]) this.#withLetters.add(route);
    this.#showLetters(new Map());
  }

  /** From the next look on, after a reload. */
  follow({ lists, routes }: Pick<StockParts, 'lists' | 'routes'>): void {
    this.#parts = { ...this.#parts, lists, routes };
    this.#withLetters.clear();
    for (const route of [...routes, undecodableRoute]) this.#withLetters.add(route);
  }

  /** Looks until the signal aborts. Redis errors do not come out. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      // What Redis does not answer must not delay a stop.
      const looking = unlessAborted(this.look(), undefined, signal);
      await inTime(looking, { clock, time: longestLook }, () => undefined);
      await pause(clock, lookEvery, signal);
    }
  }

  async look(): Promise<void> {
    const { log } = this.#parts;
    try {
      await Promise.all([this.#lookAtLists(), this.#lookAtUptime()]);
    } catch (error) {
      log.debug({ error: explain(error) }, 'What waits in Redis could not be counted.');
    }
  }

  async #lookAtLists(): Promise<void> {
    const { client, lists } = this.#parts;
    if (!this.#mayScript) return this.#lookAtLengths();
    // What Redis forbids of one kind of records must not be missed by the other.
    const parts = client instanceof Cluster ? lists.map((list) => [list]) : byKind(lists);
    const replies = await Promise.allSettled(parts.map((some) => this.#ask(some)));
    const letters = new Map<string, number>();
    for (const [at, reply] of replies.entries())
      if (reply.status === 'fulfilled') this.#take(parts[at] ?? [], reply.value, letters);
    const failed = replies.filter((reply) => reply.status === 'rejected');
    const isForbidden = failed.every(({ reason }) =>
      /NOPERM|unknown command/i.test(explain(reason)),
    );
    if (failed.length > 0 && !isForbidden) throw failed[0]?.reason;
    if (failed.length < replies.length) this.#showLetters(letters);
    else {
      this.#mayScript = false;
      await this.#lookAtLengths();
    }
  }

  #take(lists: readonly SourceList[], reply: Reply, letters: Map<string, number>): void {
    for (const [index, [records, counts]] of reply.entries()) {
      this.#waiting.set(records, { list: lists[index]?.key ?? '' });
      for (let at = 0; at + 1 < counts.length; at += 2) {
        const route = String(counts[at]);
        letters.set(route, (letters.get(route) ?? 0) + Number(counts[at + 1]));
      }
    }
  }

  async #ask(lists: readonly SourceList[]): Promise<Reply> {
    const keys = lists.flatMap(({ key }) => [key, stateKey(key)]);
    const args = [bytesField(''), ...lists.map(({ key }) => deadKey(key, ''))];
    return (await runScript(this.#parts.client, stockScript, keys, args)) as Reply;
  }

  /** Where scripts are refused there are no dead letters either. */
  async #lookAtLengths(): Promise<void> {
    const { client, lists } = this.#parts;
    await Promise.all(
      lists.map(async ({ key }) => this.#waiting.set(await client.llen(key), { list: key })),
    );
  }

  async #lookAtUptime(): Promise<void> {
    if (!this.#mayAskUptime) return;
    try {
      this.#uptime.set(await this.#parts.client.llen(this.#parts.uptimeList));
    } catch (error) {
      // Asking again would only fill the log of the ACL.
      if (/NOPERM|WRONGTYPE/.test(explain(error))) this.#mayAskUptime = false;
      else throw error;
    }
  }

  #showLetters(letters: ReadonlyMap<string, number>): void {
    for (const route of letters.keys()) this.#withLetters.add(route);
    for (const route of this.#withLetters) this.#letters.set(letters.get(route) ?? 0, { route });
  }
}

function byKind(lists: readonly SourceList[]): readonly (readonly SourceList[])[] {
  const kinds = [...new Set(lists.map(({ decoder }) => decoder.records))];
  return kinds.map((kind) => lists.filter(({ decoder }) => decoder.records === kind));
}
