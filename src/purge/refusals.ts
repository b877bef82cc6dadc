import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { ForeignLayout } from '../redis/layout.ts';
import type { SourceList } from './lease/lease.ts';
import type { attempts, PurgeMeter } from './meter.ts';

/** What Redis may refuse for a list, in words for a page. */
export type Attempt = (typeof attempts)[number];

/** What Redis refuses at present, with its own words. */
export interface Refusal {
  readonly attempt: Attempt;
  readonly lists: readonly string[];
  readonly reason: string;
  /** In a row, of the list that has been refused longest. */
  readonly rounds: number;
}

interface Known {
  readonly attempt: Attempt;
  readonly list: string;
  reason: string;
  rounds: number;
}

/** Whatever is attempted, this is the reason. Known at once and for certain. */
const layout = 'know the layout';
/** A refusal that lasts is said again so often. */
const sayEvery = 60_000;

/**
 * Remembers what Redis refuses, list by list, and says it: from the second round in a row on, once for all lists with
 * one reason, again every minute, and once when it is over. That Redis does not answer at all is the connection's to say.
 * A list of a layout that this version does not know is refused by our own scripts, and said at once.
 */
export class Refusals {
  readonly #known = new Map<string, Known>();
  /** When each reason was said last. */
  readonly #said = new Map<string, number>();
  readonly #parts: {
    readonly clock: Clock;
    readonly log: Log;
    readonly meter: PurgeMeter;
    readonly lists: number;
  };

  constructor(parts: { clock: Clock; log: Log; meter: PurgeMeter; lists: number }) {
    this.#parts = parts;
  }

  /** What lasts for two rounds or more, and lists of a layout that this version does not know. */
  get current(): readonly Refusal[] {
    const groups = new Map<string, Refusal & { lists: string[]; rounds: number }>();
    for (const { attempt, list, reason, rounds } of this.#known.values()) {
      if (rounds < 2 && attempt !== layout) continue;
      const name = `${attempt} ${stemOf(reason)}`;
      const group = groups.get(name) ?? { attempt, lists: [], reason, rounds };
      group.lists.push(list);
      group.rounds = Math.max(group.rounds, rounds);
      groups.set(name, group);
    }
    return [...groups.values()];
  }

  /** No list can be claimed. */
  get isTotal(): boolean {
    return this.#unclaimable() === this.#parts.lists;
  }

  /** Nothing of the list may be touched. */
  isForeign({ key }: SourceList): boolean {
    return this.#known.has(`${layout} ${key}`);
  }

  /** Whether the error is an answer of Redis; then it is remembered. */
  failed(attempted: Attempt, list: string, error: unknown): boolean {
    if (!(error instanceof Error) || error.name !== 'ReplyError') return false;
    const attempt = error instanceof ForeignLayout ? layout : attempted;
    this.#parts.meter.refused(attempt);
    const known = this.#known.get(`${attempt} ${list}`);
    const rounds = (known?.rounds ?? 0) + 1;
    this.#known.set(`${attempt} ${list}`, { attempt, list, reason: explain(error), rounds });
    return true;
  }

  succeeded(attempt: Attempt, list: string): void {
    this.#known.delete(`${attempt} ${list}`);
    this.#known.delete(`${layout} ${list}`);
  }

  /** What came of asking for each list. Whether Redis has answered for every one, if only with a refusal. */
  round(
    attempt: Attempt,
    lists: readonly SourceList[],
    outcomes: readonly PromiseSettledResult<unknown>[],
  ): boolean {
    let hasAnswered = true;
    for (const [at, { key }] of lists.entries()) {
      const outcome = outcomes[at];
      if (outcome?.status !== 'rejected') this.succeeded(attempt, key);
      else {
        if (!this.failed(attempt, key, outcome.reason)) hasAnswered = false;
        this.#parts.log.debug(
          { list: key, attempt, error: explain(outcome.reason) },
          'What was asked for a list has failed; the next round tries again.',
        );
      }
    }
    return hasAnswered;
  }

  /** A round is over: says what is new, or over, or still so after a minute. */
  say(): void {
    const { clock, meter } = this.#parts;
    const current = this.current;
    meter.unclaimable(this.#unclaimable());
    meter.foreign(this.#listsOf(current, [layout]));
    const names = new Set<string>();
    for (const refusal of current) {
      const name = `${refusal.attempt} ${stemOf(refusal.reason)}`;
      names.add(name);
      const last = this.#said.get(name);
      if (last !== undefined && clock.elapsed() - last < sayEvery) continue;
      this.#said.set(name, clock.elapsed());
      this.#sayOne(refusal);
    }
    for (const name of this.#said.keys()) {
      if (names.has(name)) continue;
      this.#said.delete(name);
      this.#parts.log.info(
        { refused: name },
        name.startsWith(layout)
          ? 'Lists that were left alone have a layout again that this version knows.'
          : 'Redis permits again what it refused.',
      );
    }
  }

  #unclaimable(): number {
    return this.#listsOf(this.current, ['claim', layout]);
  }

  #listsOf(refusals: readonly Refusal[], attempts: readonly Attempt[]): number {
    const wanted = refusals.filter(({ attempt }) => attempts.includes(attempt));
    return new Set(wanted.flatMap(({ lists }) => lists)).size;
  }

  #sayOne({ attempt, lists, reason, rounds }: Refusal): void {
    const { log } = this.#parts;
    const fields = { error: reason, lists: lists.length, list: lists[0], rounds };
    if (attempt === layout)
      log.error(
        fields,
        'The keys of lists have a layout that this version does not know: nothing of them is touched, and their records wait in the gateway’s lists.',
      );
    else if (attempt === 'claim' && this.isTotal)
      log.error(fields, 'Redis refuses every claim: all records wait in the gateway’s lists.');
    else if (attempt === 'claim')
      log.warn(fields, 'Redis refuses to let lists be claimed: their records wait there.');
    else log.warn({ ...fields, attempt }, 'Redis refuses a command; it will be repeated.');
  }
}

/** Without the key, which differs where the reason is one. */
const stemOf = (reason: string): string => reason.replace(/ \([A-Z]+ [^)]*\)$/, '');
