import { setTimeout as delay } from 'node:timers/promises';
import type { RedisServer } from '../../services/redis.ts';
import type { BulkSink } from '../bulk-sink.ts';
import { type Plan, troubles } from './plan.ts';

/** `purge_delay` is a second. */
const secondsOnTheWay = 4;

interface TroubleParts {
  readonly plan: Plan;
  readonly redis: RedisServer;
  readonly sink: BulkSink;
  /** Another configuration is put in force; resolves once it is. Undefined: this build cannot. */
  readonly reload: (() => Promise<void>) | undefined;
  /** Records that a sink does not have yet. */
  readonly waiting: () => number;
}

/** What happens to the pump from its start until `end`: trouble, recovery and calm, round and round. */
export class Trouble {
  readonly happened = { troubles: 0, restarts: 0, reloads: 0 };
  readonly #parts: TroubleParts;
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;
  #isWell = true;

  constructor(parts: TroubleParts) {
    this.#parts = parts;
    this.#done = this.#run();
  }

  get isCalm(): boolean {
    return this.#isWell && this.#hasCaughtUp();
  }

  #isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Leaves everything well. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { cyclesToRestart, cyclesToReload } = this.#parts.plan;
    for (let cycle = 1; !this.#isEnding(); cycle++) {
      this.#isWell = false;
      await this.#flap(cycle);
      if (cycle % cyclesToRestart === 0 && !this.#isEnding()) await this.#restart();
      await this.#recover();
      if (cycle % cyclesToReload === 0 && !this.#isEnding()) await this.#reload();
      this.#isWell = true;
      await this.#pause();
    }
  }

  async #flap(cycle: number): Promise<void> {
    const { sink } = this.#parts;
    const trouble = troubles[cycle % troubles.length] ?? troubles[0];
    if (trouble === undefined) return;
    if (trouble.kind === 'refused') await sink.refuse();
    else sink.behave(trouble);
    this.happened.troubles++;
    await this.#pause();
    sink.behave({ kind: 'healthy' });
    await sink.accept();
  }

  /** Its data is on disk with every answer. */
  async #restart(): Promise<void> {
    await this.#parts.redis.kill9();
    await delay(500);
    await this.#parts.redis.start();
    this.happened.restarts++;
  }

  async #reload(): Promise<void> {
    const { reload } = this.#parts;
    if (reload === undefined) return;
    await reload();
    this.happened.reloads++;
    await this.#recover();
  }

  /** However long that takes: a sink that is never caught up with leaves nothing to judge, and the run says so. */
  async #recover(): Promise<void> {
    const { signal } = this.#ending;
    while (!(this.#hasCaughtUp() || this.#isEnding()))
      await delay(100, undefined, { signal }).catch(() => undefined);
  }

  /** What waits is not more than what a pump has on its way all the time. */
  #hasCaughtUp(): boolean {
    return this.#parts.waiting() < secondsOnTheWay * this.#parts.plan.rate;
  }

  /** Half a cycle. */
  async #pause(): Promise<void> {
    const { signal } = this.#ending;
    await delay(this.#parts.plan.cycle * 500, undefined, { signal }).catch(() => undefined);
  }
}
