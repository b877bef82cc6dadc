import type { PumpEntry, RedisConfig } from '../config/config.ts';
import { StartError } from '../lib/errors.ts';
import { decoders } from '../record/decoders.ts';
import type { Decoder } from '../record/record.ts';
import { uptimeDecoder } from '../record/uptime/decoder.ts';
import { listNames, uptimeName } from '../redis/keys.ts';
import type { SourceList } from './lease/lease.ts';

/** The gateway's lists of calls: the bare name and ten shards, each in every encoding (tyk-pump.md, "Lists"). */
export function sourceLists(prefix: string, decoders: readonly Decoder[]): readonly SourceList[] {
  if (/[{}]/.test(prefix))
    throw new StartError(
      `The key prefix "${prefix}" has a brace. Keys of this service are {list}:…, so a list's own name must not have one; change key_prefix here and in the gateway.`,
    );
  return listNames(prefix).flatMap((name) =>
    decoders.map((decoder) => ({ key: `${name}${decoder.keySuffix}`, decoder })),
  );
}

type Prefixes = Pick<RedisConfig, 'keyPrefix' | 'uptimeKeyPrefix'>;

/** The gateway's list of uptime records. */
export const uptimeList = ({ uptimeKeyPrefix }: Prefixes): SourceList => ({
  key: uptimeName(uptimeKeyPrefix),
  decoder: uptimeDecoder,
});

/**
 * The lists that somebody reads, with those who do: a route reads the lists of its kind of records, and no other. What
 * nobody reads is left to the gateway.
 */
export function readLists(
  redis: Prefixes,
  routes: readonly Pick<PumpEntry, 'name' | 'records'>[],
): readonly SourceList[] {
  return [...sourceLists(redis.keyPrefix, decoders), uptimeList(redis)].flatMap((list) => {
    const readers = routes
      .filter(({ records }) => records === list.decoder.records)
      .map(({ name }) => name);
    return readers.length === 0 ? [] : [{ ...list, readers }];
  });
}

/** Those of `now`, as they were before where nothing about them is otherwise: who has heard of them goes by the same objects. */
export const keptLists = (
  before: readonly SourceList[],
  now: readonly SourceList[],
): readonly SourceList[] =>
  now.map(
    (list) =>
      before.find(
        ({ key, readers }) => key === list.key && readers?.join('\n') === list.readers?.join('\n'),
      ) ?? list,
  );

/** Those of the routes that read a list. */
export const readersOf = (
  { readers }: Pick<SourceList, 'readers'>,
  routes: readonly string[],
): readonly string[] =>
  readers === undefined ? routes : routes.filter((route) => readers.includes(route));

/** The lists that a route reads. */
export const listsOf = (route: string, lists: readonly SourceList[]): readonly SourceList[] =>
  lists.filter((list) => readersOf(list, [route]).length > 0);
