import { deadKey, deadOrderKey, retryKey, stateKey } from '../../../redis/keys.ts';

/**
 * The scripts over the dead letters of one list and route. All keys share the list's cluster slot.
 *
 * KEYS of every script: 1 letters (hash: record id → letter), 2 order (zset: record id by time stored), 3 retries
 * (zset: record id by the time, in milliseconds of Redis's clock, from which a route may take it), 4 state (hash; the
 * field named by ARGV[1] counts the bytes of the letters; `letters:<route>|<outcome>` what became of them, ever).
 */
export const letterKeys = (list: string, route: string): readonly string[] => [
  deadKey(list, route),
  deadOrderKey(list, route),
  retryKey(list, route),
  stateKey(list),
];

export const bytesField = (route: string): string => `dead:${route}`;

/** What becomes of a letter: put away, delivered after all, deleted, gone at the bound, put back to be claimed anew. */
export const letterOutcomes = ['stored', 'redelivered', 'purged', 'dropped', 'returned'] as const;
export type LetterOutcome = (typeof letterOutcomes)[number];

export const letterField = (route: string, outcome: LetterOutcome): string =>
  `letters:${route}|${outcome}`;
