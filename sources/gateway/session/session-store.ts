import type { Clock, SourceRedis } from '#source';
import { candidates, type KeyNaming, storedKey } from './key-hash.ts';
import type { StoredSession } from './session.ts';
import { readSession } from './stored-session.ts';

export interface Found {
  /** The key in the form under which its session is stored. */
  readonly key: string;
  readonly stored: StoredSession;
}

/** Sessions by the keys of clients. What was found lately is given at once, so that most calls need no Redis. */
export interface SessionStore {
  /** Undefined: there is none. Rejects while Redis is away. */
  find(key: string, organisation: string): Found | undefined | Promise<Found | undefined>;
}

/** As long as the gateway: a key that is taken away works for so long. */
const keptFor = 10_000;
const mostKept = 10_000;
/** As of the gateway: nobody's key. */
const shortestKey = 3;
const longestKey = 4096;

export function createSessionStore({
  redis,
  naming,
  clock,
}: {
  readonly redis: SourceRedis;
  readonly naming: KeyNaming;
  readonly clock: Clock;
}): SessionStore {
  const kept = new Map<string, { readonly found: Found; readonly until: number }>();
  /** One question at a time for a key, however many calls wait for it. */
  const asked = new Map<string, Promise<Found | undefined>>();

  async function ask(id: string, key: string, organisation: string): Promise<Found | undefined> {
    for (const candidate of candidates(key, organisation, naming)) {
      const text = await redis.call('GET', `apikey-${storedKey(candidate, naming)}`);
      const stored =
        typeof text === 'string' || text instanceof Buffer
          ? readSession(text.toString())
          : undefined;
      if (stored === undefined) continue;
      const found = { key: candidate, stored };
      if (kept.size >= mostKept) kept.delete(kept.keys().next().value ?? '');
      kept.set(id, { found, until: clock.elapsed() + keptFor });
      return found;
    }
    return undefined;
  }

  return {
    find(key, organisation) {
      if (key.length < shortestKey || key.length > longestKey) return undefined;
      const id = `${organisation}\0${key}`;
      const known = kept.get(id);
      if (known !== undefined && clock.elapsed() < known.until) return known.found;
      kept.delete(id);
      const waiting = asked.get(id);
      if (waiting !== undefined) return waiting;
      const answer = ask(id, key, organisation).finally(() => asked.delete(id));
      asked.set(id, answer);
      return answer;
    },
  };
}
