/** Letters on their way to Redis and back, in portions that keep each call, and each answer, short. */
import type { Mask } from '../../lib/mask.ts';
import type { RedisClient } from '../../redis/client.ts';
import { deadKey, stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import { type DeadLetter, encodeLetter, unreadRoute } from './letter.ts';
import { headersScript } from './scripts/headers.ts';

/** Redis makes every client wait while a script runs. */
export const mostPerCall = 256;
const mostBytesPerCall = 1024 * 1024;
/** As a range of records: Redis closes the connection of a client whose answers exceed its output buffer. */
const mostBytesPerAnswer = 512 * 1024;

/** Record ids and letters in turn. */
export function* packed(
  letters: readonly DeadLetter[],
  mask: Mask,
): Generator<(string | Buffer)[]> {
  let args: (string | Buffer)[] = [];
  let bytes = 0;
  for (const letter of letters) {
    const value = encodeLetter({ ...letter, reason: mask(letter.reason) });
    if (args.length >= mostPerCall * 2 || (bytes > 0 && bytes + value.length > mostBytesPerCall)) {
      yield args;
      args = [];
      bytes = 0;
    }
    args.push(letter.id, value);
    bytes += value.length;
  }
  if (args.length > 0) yield args;
}

/** Letters as they are stored, one after the other; of those that Redis cannot send (`unread`) the headers alone. */
export async function letterValues(
  client: RedisClient,
  {
    list,
    route,
    ids,
  }: { readonly list: string; readonly route: string; readonly ids: readonly string[] },
): Promise<readonly (Buffer | null)[]> {
  const key = deadKey(list, route);
  if (route === unreadRoute) {
    const headers = await runScript(client, headersScript, [key, stateKey(list)], ids);
    return (headers as string[]).map((header) => (header === '' ? null : Buffer.from(header)));
  }
  const sizes = await Promise.all(ids.map((id) => client.hstrlen(key, id)));
  const values: (Buffer | null)[] = [];
  while (values.length < ids.length) {
    let end = values.length + 1;
    let bytes = sizes[values.length] ?? 0;
    while (end < ids.length && bytes + (sizes[end] ?? 0) <= mostBytesPerAnswer)
      bytes += sizes[end++] ?? 0;
    values.push(...(await client.hmgetBuffer(key, ...ids.slice(values.length, end))));
  }
  return values;
}
