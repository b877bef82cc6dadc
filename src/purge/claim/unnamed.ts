/**
 * Segments that nothing names. A claim names what it renames, but versions before 0.1.1 could leave half of it undone,
 * and somebody else can delete our keys: then records lie in Redis, and nobody is to deliver them.
 */
import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from '../../redis/client.ts';
import { ledgerKey, manifestKey, segmentKey, segmentsKey, stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import type { SourceList } from '../lease/lease.ts';
import { adoptScript } from '../scripts/adopt.ts';
import { mostRecordsPerRange } from '../scripts/range.ts';
import { recoverScript } from '../scripts/recover.ts';
import { rangeBytes } from './claim.ts';
import { type Begun, type BegunReply, begunOf, Starts } from './starts.ts';

/** Ids of the segments that are there, by list key. */
export type FoundSegments = ReadonlyMap<string, readonly string[]>;

/** Keeps a page of SCAN, and a call of the script, short. */
const keysAtOnce = 1000;
const adoptedAtOnce = 50;

/** Looks for segments among all keys, page by page; on every master of a Cluster. */
export async function findSegments(
  client: RedisClient,
  lists: readonly SourceList[],
  signal: AbortSignal,
): Promise<FoundSegments> {
  const prefixes = lists.map(({ key }) => ({ key, prefix: segmentKey(key, '') }));
  const found = new Map<string, Set<string>>();
  const nodes: readonly Redis[] = client instanceof Cluster ? client.nodes('master') : [client];
  for (const node of nodes) {
    let cursor = '0';
    do {
      signal.throwIfAborted();
      const [next, keys] = await node.scan(cursor, 'MATCH', '*}:seg:*', 'COUNT', keysAtOnce);
      cursor = next;
      for (const name of keys) {
        const list = prefixes.find(({ prefix }) => name.startsWith(prefix));
        if (list === undefined) continue;
        const ids = found.get(list.key) ?? new Set();
        found.set(list.key, ids.add(name.slice(list.prefix.length)));
      }
    } while (cursor !== '0');
  }
  return new Map([...found].map(([key, ids]) => [key, [...ids].toSorted()]));
}

/** Of what was found, what no line among the segments names. It may have got a name, or have gone, a moment later. */
export async function withoutName(
  client: RedisClient,
  found: FoundSegments,
): Promise<readonly { readonly list: string; readonly segments: readonly string[] }[]> {
  const looked = await Promise.all(
    [...found].map(async ([list, ids]) => {
      const lines = await client.lrange(segmentsKey(list), 0, -1);
      const named = new Set(lines.map((line) => line.split('|')[0]));
      return { list, segments: ids.filter((id) => !named.has(id)) };
    }),
  );
  return looked.filter(({ segments }) => segments.length > 0);
}

export interface Adopted {
  readonly segments: number;
  /** Of segments that had no manifest entries either. */
  readonly records: number;
  /** Routes that had no position in the list. */
  readonly begun: readonly Begun[];
}

/** Names segments, for these routes to deliver; those that have a name by now are left alone. */
export async function adopt(
  client: RedisClient,
  key: string,
  {
    segments,
    routes,
    starts = new Starts(),
  }: {
    readonly segments: readonly string[];
    readonly routes: readonly string[];
    readonly starts?: Starts;
  },
): Promise<Adopted> {
  const keys = [manifestKey(key), stateKey(key), segmentsKey(key), ledgerKey(key)];
  const began = starts.argsFor(key, routes);
  let adopted: Adopted = { segments: 0, records: 0, begun: [] };
  for (let at = 0; at < segments.length; at += adoptedAtOnce) {
    const some = segments.slice(at, at + adoptedAtOnce);
    const args = [segmentKey(key, ''), rangeBytes, mostRecordsPerRange, some.length, ...some];
    const reply = await runScript(client, adoptScript, keys, [...args, ...began]);
    const [named, records, begun] = reply as [number, number, BegunReply];
    adopted = {
      segments: adopted.segments + named,
      records: adopted.records + records,
      begun: [...adopted.begun, ...begunOf(begun)],
    };
  }
  return adopted;
}

export interface Recovered {
  /** Left in Redis; they are delivered to every route. */
  readonly records: number;
  /** By route: records that it had not answered for and that are gone. */
  readonly vanished: readonly (readonly [route: string, records: number])[];
}

/**
 * Claims anew what is left of a list whose manifest is gone, and books what is not left as vanished. `known`: by route, what
 * it had not answered for as far as this process knows, for where the books are gone as well. Undefined: the manifest
 * is there.
 */
export async function recover(
  client: RedisClient,
  key: string,
  {
    segments,
    known,
  }: { readonly segments: readonly string[]; readonly known: ReadonlyMap<string, number> },
): Promise<Recovered | undefined> {
  const keys = [manifestKey(key), stateKey(key), segmentsKey(key), ledgerKey(key)];
  const args = [segmentKey(key, ''), rangeBytes, mostRecordsPerRange, segments.length, ...segments];
  const reply = await runScript(client, recoverScript, keys, [...args, ...[...known].flat()]);
  const [found, records, vanished] = reply as [number, number, [string, number][]];
  return found < 0 ? undefined : { records, vanished };
}
