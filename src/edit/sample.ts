import type { SampleConfig } from '../config/record-rules.ts';
import type { AnalyticsRecord, Integer } from '../record/record.ts';

/** For how many records this one stands; 0: it does not go on. */
export type Weigh = (record: AnalyticsRecord, segment: string, index: number) => number;

/** A part of the records, and the share of it that goes on. */
export interface Share {
  readonly holds: (record: AnalyticsRecord) => boolean;
  readonly rate: number;
}

/**
 * Decides by record id which records go on: the same one fares alike in every instance, at every retry and at every sink
 * with the same share, and a smaller share is a part of a larger one.
 */
export function compileSample(
  { rate, keepsErrors, keepSlower }: SampleConfig,
  shares: readonly Share[],
): Weigh {
  const slow = keepSlower ?? Number.POSITIVE_INFINITY;
  const chance = createChance();
  return (record, segment, index) => {
    if (keepsErrors && isAtLeast(record.integer('response_code'), 400)) return 1;
    if (isAtLeast(record.integer('request_time'), slow)) return 1;
    const share = shares.find(({ holds }) => holds(record))?.rate ?? rate;
    if (share >= 1) return 1;
    return chance(segment, index) < share ? 1 / share : 0;
  };
}

const isAtLeast = (value: Integer, bound: number): boolean => value >= bound;

/** From 0 to below 1, evenly, and always the same for a record. */
function createChance(): (segment: string, index: number) => number {
  let known = '';
  let hash = hashOf('');
  return (segment, index) => {
    if (segment !== known) {
      known = segment;
      hash = hashOf(segment);
    }
    return mixed(hash ^ Math.imul(index + 1, 0x9e37_79b1)) / 2 ** 32;
  };
}

/** FNV-1a, of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  return hash;
}

/** The last step of MurmurHash3: every bit counts for every other. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
