import type { Log } from '../../lib/log.ts';
import type { RedisClient } from '../../redis/client.ts';
import { manifestKey, stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import { stepOverScript } from '../scripts/step-over.ts';
import type { SourceList } from './lease.ts';
import { rangeFields } from './manifest-entry.ts';

/**
 * Takes manifest entries that name no range, which somebody else must have written, out of a route's way. Rejects when
 * Redis does; then they come again as those of a dead instance do, once their lease has run out.
 */
export class StepOver {
  readonly #parts: {
    readonly client: RedisClient;
    readonly log: Log;
    readonly route: string;
  };
  /** Named in the log already: by list key and entry id. */
  readonly #named = new Set<string>();

  constructor(parts: { client: RedisClient; log: Log; route: string }) {
    this.#parts = parts;
  }

  async these({ key }: SourceList, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { client, log, route } = this.#parts;
    for (const id of ids) {
      if (this.#named.has(`${key} ${id}`)) continue;
      this.#named.add(`${key} ${id}`);
      log.error(
        { list: key, entry: id, expected: rangeFields },
        'An entry of the manifest is no range and is stepped over: somebody else writes to our keys.',
      );
    }
    await runScript(client, stepOverScript, [manifestKey(key), stateKey(key)], [route, ...ids]);
    for (const id of ids) this.#named.delete(`${key} ${id}`);
  }
}
