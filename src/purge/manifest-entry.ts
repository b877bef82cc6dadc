import { ContractError } from '../lib/errors.ts';
import type { Lease, SourceList } from './lease.ts';

/** A stream entry as ioredis gives it: id and alternating names and values; null where it was deleted (6.2). */
export type StreamEntry = readonly [string, readonly string[]] | null;

/** Reads manifest entries back into leases; entries deleted meanwhile are left out. */
export function leasesOf(list: SourceList, entries: readonly StreamEntry[]): readonly Lease[] {
  return entries.flatMap((entry) => (entry === null ? [] : [leaseOf(list, entry[0], entry[1])]));
}

function leaseOf(list: SourceList, id: string, fields: readonly string[]): Lease {
  const values = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2)
    values.set(fields[at] ?? '', fields[at + 1] ?? '');
  const segment = values.get('segment');
  const start = Number(values.get('start'));
  const count = Number(values.get('count'));
  if (segment === undefined || !Number.isSafeInteger(start) || !Number.isSafeInteger(count))
    throw new ContractError('a manifest entry lacks its segment, start or count');
  return {
    id,
    range: {
      list,
      segment,
      start,
      count,
      bytes: Number(values.get('bytes') ?? 0),
      claimedAt: Number(id.slice(0, id.indexOf('-'))),
    },
  };
}
