import type { Clock } from '../../lib/clock.ts';

/** Most that a sink is sent in a second; undefined: as much as it takes. */
export interface Rate {
  readonly records: number | undefined;
  /** Of the records as they lie in Redis, not of the documents that are made of them. */
  readonly bytes: number | undefined;
}

/** What may be sent. Of what the rate does not limit it says nothing. */
export interface Credit {
  readonly records: number;
  readonly bytes: number;
}

/** Gives of what the rate permits now at most what is wanted, shared by all who ask for the route. */
export type Grants = (rate: Rate, wanted: Credit) => Promise<Credit>;

/** What nobody has asked for is kept for so long, in seconds: a process that stood still for a moment gets its share. */
export const kept = 0.5;

/** A rate that nobody shares. */
export function localGrants(clock: Clock): Grants {
  let at = clock.elapsed();
  let records = 0;
  let bytes = 0;
  return (rate, wanted) => {
    const now = clock.elapsed();
    const passed = (now - at) / 1000;
    at = now;
    const [mostRecords, mostBytes] = [rate.records ?? 0, rate.bytes ?? 0];
    records = Math.min(mostRecords * kept, records + mostRecords * passed);
    bytes = Math.min(mostBytes * kept, bytes + mostBytes * passed);
    const given = {
      records: Math.min(records, wanted.records),
      bytes: Math.min(bytes, wanted.bytes),
    };
    records -= given.records;
    bytes -= given.bytes;
    return Promise.resolve(given);
  };
}
