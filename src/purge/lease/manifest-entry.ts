import { mostRecordsPerRange } from '../scripts/range.ts';
import type { Lease, SourceList } from './lease.ts';

/** A stream entry as ioredis gives it: id and alternating names and values; null where it was deleted (6.2). */
export type StreamEntry = readonly [string, readonly string[]] | null;

/** Manifest entries, read back. */
export interface Entries {
  readonly leases: readonly Lease[];
  /** Ids of entries that name no range: not ours. */
  readonly malformed: readonly string[];
}

/** What an entry must have to be a range; for the log. */
export const rangeFields = `segment, and start, count (at most ${mostRecordsPerRange}) and before as whole numbers`;

/** Reads manifest entries back into leases; entries deleted meanwhile are left out. */
export function leasesOf(list: SourceList, entries: readonly StreamEntry[]): Entries {
  const leases: Lease[] = [];
  const malformed: string[] = [];
  for (const entry of entries) {
    if (entry === null) continue;
    const lease = leaseOf(list, entry[0], entry[1]);
    if (lease === undefined) malformed.push(entry[0]);
    else leases.push(lease);
  }
  return { leases, malformed };
}

/** Undefined: it is no range. */
function leaseOf(list: SourceList, id: string, fields: readonly string[]): Lease | undefined {
  const values = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2)
    values.set(fields[at] ?? '', fields[at + 1] ?? '');
  const segment = values.get('segment') ?? '';
  const start = wholeNumber(values.get('start'));
  const count = wholeNumber(values.get('count'));
  const before = wholeNumber(values.get('before'));
  if (segment === '' || start === undefined || count === undefined || before === undefined)
    return undefined;
  if (count > mostRecordsPerRange) return undefined;
  return {
    id,
    range: {
      list,
      segment,
      start,
      count,
      bytes: wholeNumber(values.get('bytes')) ?? 0,
      claimedAt: Number(id.slice(0, id.indexOf('-'))),
    },
  };
}

function wholeNumber(text = ''): number | undefined {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isNaN(value) ? undefined : value;
}

/** Compares two stream ids (`<milliseconds>-<sequence>`): negative when `a` is older. */
export function compareEntries(a: string, b: string): number {
  const [aTime = '0', aSequence = '0'] = a.split('-');
  const [bTime = '0', bSequence = '0'] = b.split('-');
  return compareDigits(aTime, bTime) || compareDigits(aSequence, bSequence);
}

/** A number has no room for all digits that Redis permits. */
function compareDigits(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}
