import type { Millis } from '../lib/units.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import { nobody } from '../purge/lease/stream-leases.ts';
import { knownScript, renameScript } from '../purge/scripts/rename.ts';
import type { RedisClient } from '../redis/client.ts';
import { deadKey, ledgerKey, manifestKey, stateKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { bytesField, letterKeys } from './dead-letters/scripts/keys.ts';
import { moveScript } from './dead-letters/scripts/move.ts';

/** What a list knows of a route. */
export interface Known {
  readonly list: SourceList;
  readonly hasGroup: boolean;
  /** Its ledger, or where it goes on should it come back. */
  readonly hasBooks: boolean;
  readonly hasLetters: boolean;
}

export async function knownOf(
  client: RedisClient,
  lists: readonly SourceList[],
  route: string,
): Promise<readonly Known[]> {
  return Promise.all(
    lists.map(async (list) => {
      const { key } = list;
      const keys = [manifestKey(key), stateKey(key), ledgerKey(key), deadKey(key, route)];
      const reply = await runScript(client, knownScript, keys, [route]);
      const [hasGroup, hasBooks, hasLetters] = reply as [number, number, number];
      return {
        list,
        hasGroup: hasGroup === 1,
        hasBooks: hasBooks === 1,
        hasLetters: hasLetters === 1,
      };
    }),
  );
}

export interface Renaming {
  readonly from: string;
  readonly to: string;
  /** The new name may have a position of its own already: then it keeps it and gets what is missing. */
  readonly merges: boolean;
  readonly lease: Millis;
  /** A name that was seen this long ago is not one of an instance that runs. */
  readonly quietAfter: Millis;
}

/** What became of one list. */
export interface Renamed {
  readonly outcome: 'nothing' | 'moved' | 'merged' | 'both';
  /** Under way when the old name was stopped, or left by it where the new one has a position: handed over one by one. */
  readonly ranges: number;
  readonly letters: number;
  /** Ranges that the new name has had itself. */
  readonly had: number;
}

const lettersAtOnce = 256;
const bytesAtOnce = 1024 * 1024;

/**
 * Renames a route on one list: dead letters, in portions, then everything else in one step. No instance with either name
 * may run. Killed at any moment nothing is lost, and the next call goes on: the old name's group goes last.
 */
export async function renameOn(
  client: RedisClient,
  { key }: SourceList,
  { from, to, merges, lease, quietAfter }: Renaming,
  signal: AbortSignal,
): Promise<Renamed> {
  const letters = await moveLetters(client, key, { from, to }, signal);
  const reply = await runScript(
    client,
    renameScript,
    [manifestKey(key), stateKey(key), ledgerKey(key)],
    [from, to, nobody, lease * 2, merges ? 1 : 0, quietAfter],
  );
  const [outcome, ranges, , had] = reply as [Renamed['outcome'], number, number, number];
  return { outcome, ranges, letters, had };
}

async function moveLetters(
  client: RedisClient,
  list: string,
  { from, to }: Pick<Renaming, 'from' | 'to'>,
  signal: AbortSignal,
): Promise<number> {
  const keys = [...letterKeys(list, from), ...letterKeys(list, to).slice(0, 3)];
  const named = (route: string): string => `"route":${JSON.stringify(route)}`;
  const limits = [lettersAtOnce, bytesAtOnce];
  const args = [bytesField(from), bytesField(to), ...limits, named(from), named(to)];
  let letters = 0;
  for (;;) {
    signal.throwIfAborted();
    const moved = Number(await runScript(client, moveScript, keys, args));
    if (moved === 0) return letters;
    letters += moved;
  }
}
