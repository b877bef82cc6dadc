import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { RedisClient } from '../../redis/client.ts';
import { ledgerKey, manifestKey, stateKey } from '../../redis/keys.ts';
import { untilItSucceeds } from '../../redis/retrying.ts';
import { runScript } from '../../redis/script.ts';
import { settledCounts, settleScript } from '../scripts/settle.ts';
import type { Lease, Tally } from './lease.ts';

export interface AcknowledgerParts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly log: Log;
  /** The consumer group. */
  readonly route: string;
  /** Ends the repeating. */
  readonly ended: AbortSignal;
  /** Redis has acknowledged these, all of one list. */
  readonly onAcknowledged: (leases: readonly Lease[]) => void;
}

/** What travels together. */
interface Company {
  readonly leases: Lease[];
  /** As the script takes them: entry id and counts, one range after the other. */
  readonly settled: (string | number)[];
}

interface Waiting extends Company {
  readonly done: Promise<void>;
}

/** One call settles at most so many ranges: it keeps Redis from its other clients. */
const mostAtOnce = 500;

/**
 * Group commit: acknowledgements of one list that come in while another is on its way travel together in one call. That is
 * repeated until Redis takes it, which does no harm: what was acknowledged before is not booked twice.
 */
export class Acknowledger {
  readonly #parts: AcknowledgerParts;
  readonly #next = new Map<string, Waiting>();
  readonly #current = new Map<string, Promise<void>>();

  constructor(parts: AcknowledgerParts) {
    this.#parts = parts;
  }

  /** Resolves when Redis has acknowledged the lease's range and booked its tally; all that travel together get one promise. */
  acknowledge(lease: Lease, tally: Tally): Promise<void> {
    const { id, range } = lease;
    const list = range.list.key;
    const waiting = this.#next.get(list);
    const isJoined = waiting !== undefined && waiting.leases.length < mostAtOnce;
    const company: Company = isJoined ? waiting : { leases: [], settled: [] };
    company.leases.push(lease);
    company.settled.push(id);
    for (const outcome of settledCounts) company.settled.push(tally[outcome] ?? 0);
    if (isJoined) return waiting.done;
    const earlier = waiting?.done ?? this.#current.get(list) ?? Promise.resolve();
    const done = earlier.catch(() => undefined).then(() => this.#send(list, company));
    this.#next.set(list, { ...company, done });
    return done;
  }

  async #send(list: string, { leases, settled }: Company): Promise<void> {
    const { client, route, ended, onAcknowledged } = this.#parts;
    if (this.#next.get(list)?.leases === leases) this.#next.delete(list);
    const keys = [manifestKey(list), ledgerKey(list), stateKey(list)];
    const send = async (): Promise<void> => {
      await runScript(client, settleScript, keys, [route, ...settled]);
    };
    const sent = untilItSucceeds(send, this.#parts, ended);
    this.#current.set(list, sent);
    try {
      await sent;
    } finally {
      if (this.#current.get(list) === sent) this.#current.delete(list);
    }
    onAcknowledged(leases);
  }
}
