import type { PumpEntry } from '../../config/config.ts';
import { isDecided, leaksIn } from '../../edit/leak-watch.ts';
import { leakKinds } from '../../edit/leaks.ts';
import { sourceLists } from '../../purge/lists.ts';
import { decoders } from '../../record/decoders.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import type { RedisClient } from '../../redis/client.ts';

/** Of each list; reading them changes nothing. */
const mostRecords = 50;

/** The routes to which records that wait in Redis would carry secrets, with numbers and never with values. */
export type FindLeaks = (
  client: RedisClient,
  keyPrefix: string,
  routes: readonly { readonly entry: PumpEntry }[],
) => Promise<readonly string[]>;

export const findLeaks: FindLeaks = async (client, keyPrefix, routes) => {
  const open = routes.filter(({ entry }) => !isDecided(entry) && !entry.omitDetailedRecording);
  if (open.length === 0) return [];
  const { looked, carrying } = leaksIn(await waiting(client, keyPrefix), Number.POSITIVE_INFINITY);
  const kinds = leakKinds
    .filter((kind) => carrying[kind] > 0)
    .map((kind) => `${kind} ${carrying[kind]}`);
  if (kinds.length === 0) return [];
  const names = open.map(({ entry }) => entry.name).join(', ');
  return [
    `of ${looked} records with payloads that wait there, so many carry secrets: ${kinds.join(', ')}; they leave to ${names}, unless "redact": ["secrets"] takes them out (docs/redaction.md)`,
  ];
};

async function waiting(
  client: RedisClient,
  keyPrefix: string,
): Promise<readonly { readonly record: AnalyticsRecord }[]> {
  const lists = sourceLists(keyPrefix, decoders).filter(
    ({ decoder }) => decoder.records === 'analytics',
  );
  const read = await Promise.all(
    lists.map(async ({ key, decoder }) => {
      const elements = await client.lrangeBuffer(key, 0, mostRecords - 1).catch(() => []);
      const chunk = decoder.decode(elements);
      return elements.flatMap((_, index) => {
        const record = chunk.record(index);
        return record === undefined ? [] : [{ record }];
      });
    }),
  );
  return read.flat();
}
