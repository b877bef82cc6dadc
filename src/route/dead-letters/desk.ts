/** What an operator can do with dead letters (`sluice dead ls|show|retry|purge`); how a retry works: store.ts. */
import type { RedisClient } from '../../redis/client.ts';
import { deadKey, deadOrderKey, ledgerKey, stateKey } from '../../redis/keys.ts';
import { runScript, type Script } from '../../redis/script.ts';
import { type DeadLetter, decodeLetter, undecodableRoute, unreadRoute } from './letter.ts';
import { letterValues } from './portions.ts';
import {
  bytesField,
  type LetterOutcome,
  letterField,
  letterKeys,
  letterOutcomes,
} from './scripts/keys.ts';
import { removeScript, requeueScript } from './scripts/remove.ts';
import { askScript } from './scripts/retry.ts';

/** The letters of one route on one list. */
export interface DeadLetterPile {
  readonly list: string;
  readonly route: string;
}

/** Keeps each call short. */
const pageSize = 256;

/** Which routes have dead letters on these lists. */
export async function deadPiles(
  client: RedisClient,
  lists: readonly string[],
): Promise<readonly DeadLetterPile[]> {
  const prefix = bytesField('');
  const piles: DeadLetterPile[] = [];
  for (const list of lists) {
    const state = await client.hgetall(stateKey(list));
    for (const field of Object.keys(state)) {
      if (!field.startsWith(prefix)) continue;
      const route = field.slice(prefix.length);
      const letters = await client.hlen(deadKey(list, route));
      if (letters > 0) piles.push({ list, route });
    }
  }
  return piles;
}

/** What became of a route's letters, on all lists. */
export interface LetterBook {
  readonly route: string;
  readonly now: number;
  readonly booked: Readonly<Record<LetterOutcome, number>>;
  /** Stored, and gone without anybody having said so: Redis has lost or evicted them. */
  readonly lost: number;
}

/** The books of every route that ever had a dead letter. */
export async function deadBooks(
  client: RedisClient,
  lists: readonly string[],
): Promise<readonly LetterBook[]> {
  const books = new Map<string, LetterBook>();
  for (const list of lists) {
    const state = await client.hgetall(stateKey(list));
    for (const route of routesIn(state)) {
      const now = await client.hlen(deadKey(list, route));
      const booked = Object.fromEntries(
        letterOutcomes.map((outcome) => [
          outcome,
          wholeOf(state[letterField(route, outcome)]) ?? 0,
        ]),
      ) as Record<LetterOutcome, number>;
      // Of before there were books.
      if (wholeOf(state[letterField(route, 'stored')]) === undefined) booked.stored = now;
      books.set(route, sumOf(books.get(route), { route, now, booked, lost: 0 }));
    }
  }
  return [...books.values()]
    .map((book) => ({ ...book, lost: Math.max(0, missing(book)) }))
    .filter(({ booked }) => booked.stored > 0);
}

/** As the scripts read it: what somebody else wrote is no number of ours. */
const wholeOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

function routesIn(state: Readonly<Record<string, string>>): ReadonlySet<string> {
  const names = Object.keys(state).map(
    (field) => /^(?:dead:(.*)|letters:(.*)\|stored)$/s.exec(field) ?? [],
  );
  return new Set(
    names.map(([, held, stored]) => held ?? stored).filter((name) => name !== undefined),
  );
}

const sumOf = (sum: LetterBook | undefined, book: LetterBook): LetterBook =>
  sum === undefined
    ? book
    : {
        ...book,
        now: sum.now + book.now,
        booked: Object.fromEntries(
          letterOutcomes.map((outcome) => [outcome, sum.booked[outcome] + book.booked[outcome]]),
        ) as Record<LetterOutcome, number>,
      };

const missing = ({ now, booked }: LetterBook): number =>
  booked.stored - now - booked.redelivered - booked.purged - booked.dropped - booked.returned;

/** Letters of a pile, oldest first, page by page: each once, also where others go meanwhile. */
export async function* listDead(
  client: RedisClient,
  list: string,
  route: string,
): AsyncGenerator<DeadLetter> {
  for await (const ids of pagesOf(client, list, route)) {
    const values = await letterValues(client, { list, route, ids });
    for (const value of values) {
      const letter = value === null ? undefined : decodeLetter(value);
      if (letter !== undefined) yield letter;
    }
  }
}

/**
 * Places move down where letters before them are taken away. So a page begins with the last letter of the page before; where
 * that is not found there, it is looked for further down, and what was given already is left out.
 */
async function* pagesOf(
  client: RedisClient,
  list: string,
  route: string,
): AsyncGenerator<readonly string[]> {
  const key = deadOrderKey(list, route);
  let last: Placed | undefined;
  for (let start = 0; ; ) {
    const reply = await client.zrange(key, start, String(start + pageSize - 1), 'WITHSCORES');
    const found = placed(reply);
    const [first] = found;
    if (last !== undefined && start > 0 && (first === undefined || isBehind(first, last))) {
      start = Math.max(0, start - pageSize);
      continue;
    }
    const fresh = found.filter((each) => last === undefined || isBehind(each, last));
    if (fresh.length > 0) yield fresh.map(({ id }) => id);
    if (found.length < pageSize) return;
    last = fresh.at(-1) ?? last;
    start += found.length - 1;
  }
}

interface Placed {
  readonly id: string;
  readonly score: number;
}

/** Ids and scores in turn. */
const placed = (reply: readonly string[]): readonly Placed[] =>
  Array.from({ length: reply.length >> 1 }, (_, at) => ({
    id: reply[2 * at] ?? '',
    score: Number(reply[2 * at + 1]),
  }));

/** As Redis orders them. */
const isBehind = (one: Placed, other: Placed): boolean =>
  one.score === other.score
    ? Buffer.compare(Buffer.from(one.id), Buffer.from(other.id)) > 0
    : one.score > other.score;

export async function showDead(
  client: RedisClient,
  { list, route, id }: { readonly list: string; readonly route: string; readonly id: string },
): Promise<DeadLetter | undefined> {
  const [value = null] = await letterValues(client, { list, route, ids: [id] });
  return value === null ? undefined : decodeLetter(value);
}

/** Which letters of a pile are meant. */
export interface DeadSelection {
  readonly list: string;
  readonly route: string;
  readonly ids: readonly string[] | 'all';
}

/** Forgets letters. Resolves with how many. */
export async function purgeDead(client: RedisClient, selection: DeadSelection): Promise<number> {
  return eachPage(client, selection, { script: removeScript, shrinks: true }, { args: ['purged'] });
}

/** Has letters tried again, by their route, or for undecodable ones from the gateway's list. Resolves with how many. */
export async function retryDead(client: RedisClient, selection: DeadSelection): Promise<number> {
  return selection.route === undecodableRoute || selection.route === unreadRoute
    ? eachPage(
        client,
        selection,
        { script: requeueScript, shrinks: true },
        { keys: [selection.list, ledgerKey(selection.list)] },
      )
    : eachPage(client, selection, { script: askScript, shrinks: false });
}

/** `shrinks`: the script takes letters away, so that the next page is again the first. */
async function eachPage(
  client: RedisClient,
  { list, route, ids }: DeadSelection,
  { script, shrinks }: { readonly script: Script; readonly shrinks: boolean },
  also: { readonly keys?: readonly string[]; readonly args?: readonly string[] } = {},
): Promise<number> {
  const keys = [...letterKeys(list, route), ...(also.keys ?? [])];
  const args = [bytesField(route), ...(also.args ?? [])];
  let done = 0;
  for (let start = 0; ; start += pageSize) {
    const some =
      ids === 'all'
        ? await page(client, list, route, shrinks ? 0 : start)
        : ids.slice(start, start + pageSize);
    if (some.length === 0) return done;
    const count = Number(await runScript(client, script, keys, [...args, ...some]));
    done += count;
    // Ids in the order without a letter cannot be moved away; stop rather than ask for them for ever.
    if (ids === 'all' && shrinks && count === 0) return done;
  }
}

const page = (client: RedisClient, list: string, route: string, start: number): Promise<string[]> =>
  client.zrange(deadOrderKey(list, route), start, String(start + pageSize - 1));
