import type { SourceList } from '../purge/lease/lease.ts';
import { liveConsumers } from '../purge/release.ts';
import type { RedisClient } from '../redis/client.ts';
import { stateKey } from '../redis/keys.ts';
import { type InstanceAbout, readAbout } from './instance-about.ts';
import { longestSilence } from './runners.ts';

/** An instance with a recent sign of life. */
export interface LiveInstance {
  readonly name: string;
  /** Undefined: it says nothing of itself, as versions before 0.2.0. */
  readonly said: { readonly version: string; readonly layout: string } | undefined;
  readonly secondsAgo: number | undefined;
  /** Undefined: it says no more, as versions before 0.3.0. */
  readonly about: InstanceAbout | undefined;
}

/**
 * Who is at work on these lists: instances write their version and layout there about once a minute (scripts/claim.ts). Those
 * before 0.2.0 did not, and show as consumers while they read.
 */
export async function liveInstances(
  client: RedisClient,
  lists: readonly SourceList[],
  idle: number,
): Promise<readonly LiveInstance[]> {
  const [seconds = '0'] = (await client.time()).map(String);
  const now = Number(seconds) * 1000;
  const found = new Map<string, Said>();
  for (const { key } of lists)
    for (const [field, value] of Object.entries(await client.hgetall(stateKey(key)))) {
      if (!field.startsWith(prefix)) continue;
      const [, seen = '', version = '', layout = '', about = ''] =
        /^(\d+) (\S+) (\S+)(?: (.*))?$/s.exec(value) ?? [];
      const name = field.slice(prefix.length);
      if (Number(seen) > (found.get(name)?.seen ?? now - longestSilence))
        found.set(name, { version, layout, seen: Number(seen), about: readAbout(about) });
    }
  const consumers = await Promise.all(lists.map((list) => liveConsumers(client, list, idle)));
  const silent = [...new Set(consumers.flat())].filter(
    // A worker thread is a consumer of its own, named for its process.
    (name) => ![...found.keys()].some((own) => name === own || name.startsWith(`${own}-w`)),
  );
  return [
    ...[...found].map(([name, { seen, about, ...said }]) => ({
      ...{ name, said, about },
      secondsAgo: Math.max(0, Math.round((now - seen) / 1000)),
    })),
    ...silent.map((name) => ({
      ...{ name, said: undefined, secondsAgo: undefined, about: undefined },
    })),
  ];
}

interface Said {
  readonly version: string;
  readonly layout: string;
  readonly seen: number;
  readonly about: InstanceAbout | undefined;
}

const prefix = 'instance:';
