import { type Clock, explain } from '#source';
import type { DnsClient, SrvRecord } from './dns-client.ts';

export interface SrvAnswer {
  /** The same object as long as they are the same. Empty: nobody knows any. */
  readonly records: readonly SrvRecord[];
  /** Until when it counts, by the monotonic clock. */
  readonly until: number;
  /** Why the DNS gave no newer one; undefined: this is what it says. */
  readonly trouble: string | undefined;
}

/** What a source does about failures: it tells of them. */
export interface SrvEvents {
  /** `kept`: how many records of before go on. */
  onFailure(name: string, words: string, kept: number): void;
  /** There are others than before. */
  onChange?(name: string, records: readonly SrvRecord[]): void;
}

export interface SrvResolver {
  /** Never rejects. Asks the DNS where the last answer has had its time. */
  resolve(name: string): Promise<SrvAnswer>;
}

/** Milliseconds. A time to live of 0 must not mean a question for each call, nor one of a year that nothing is ever seen. */
const shortest = 1_000;
const longest = 3_600_000;
/** A failure is tried again after so long. */
const again = 5_000;

/** More names than rules have. */
const mostNames = 1_000;

/**
 * SRV records by name, kept for their time to live. Where the DNS does not answer, or says that there are none, those from before go on:
 * a registry that is away must not take services away, and calls to one that has really gone fail as they would without an address.
 */
export function createSrvResolver(
  client: Pick<DnsClient, 'srv'>,
  { clock, events }: { readonly clock: Clock; readonly events: SrvEvents },
): SrvResolver {
  const known = new Map<
    string,
    { answer: SrvAnswer | undefined; asking: Promise<SrvAnswer> | undefined }
  >();

  async function ask(name: string, before: SrvAnswer | undefined): Promise<SrvAnswer> {
    const kept = before?.records ?? [];
    try {
      const { found, ttl } = await client.srv(name);
      const records = isSame(found, kept) ? kept : found;
      if (records !== kept || before === undefined) events.onChange?.(name, records);
      const time = Math.min(longest, Math.max(shortest, ttl * 1000));
      return { records, until: clock.elapsed() + time, trouble: undefined };
    } catch (error) {
      const trouble = explain(error);
      events.onFailure(name, trouble, kept.length);
      return { records: kept, until: clock.elapsed() + again, trouble };
    }
  }

  return {
    resolve(name) {
      const entry = known.get(name) ?? { answer: undefined, asking: undefined };
      known.delete(name);
      known.set(name, entry);
      const [oldest] = known.keys();
      if (known.size > mostNames && oldest !== undefined) known.delete(oldest);
      const { answer } = entry;
      if (answer !== undefined && clock.elapsed() < answer.until) return Promise.resolve(answer);
      entry.asking ??= ask(name, answer).then((next) => {
        entry.answer = next;
        entry.asking = undefined;
        return next;
      });
      return entry.asking;
    },
  };
}

const isSame = (one: readonly SrvRecord[], other: readonly SrvRecord[]): boolean =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** Servers turn them around. */
const sorted = (records: readonly SrvRecord[]): readonly string[] =>
  records
    .map(({ priority, weight, port, target }) => `${priority} ${weight} ${port} ${target}`)
    .sort();

/** For who spreads calls: 0 means the least share, and among equals the same. */
export const shareOf = ({ weight }: SrvRecord, all: readonly SrvRecord[]): number =>
  weight > 0 ? weight : all.some((each) => each.weight > 0) ? 0.01 : 1;

/** `_http._tcp.shop.example` → `shop.example`: whom certificates must be for, for the DNS must not decide that. */
export const serviceDomain = (name: string): string => name.replace(/^(?:_[^.]+\.)+/, '');
