import { createHash } from 'node:crypto';
import type { Aggregate } from '#pump';
import type { Dialect } from '../dialect/dialect.ts';

export interface RowRules {
  readonly isByApi: boolean;
  readonly dialect: Dialect['name'];
}

/** Bytes that a key, and a value in an index, may have. PostgreSQL has 2,704 for an entry of an index, all told. */
export const storedRoom = {
  postgres: { id: 2_600, value: 2_000 },
  mysql: { id: 191, value: Infinity },
  sqlite: { id: Infinity, value: Infinity },
} as const;

export const storedValue = (value: string, { dialect }: RowRules): string =>
  shortened(value, storedRoom[dialect].value);

/** What the id of a row begins with: the parts are joined with nothing between them. */
export const startOfId = (
  { start, orgId, apiId }: Pick<Aggregate, 'start' | 'orgId' | 'apiId'>,
  { isByApi }: RowRules,
): string => `${start}${isByApi ? apiId : orgId}`;

/**
 * Whether all rows of these aggregates have ids of their own. Within an aggregate they have: no dimension's name begins with
 * another's, and where two texts make a value, the last has no dot. Of two aggregates they may be the same where one's begin so
 * as the other's.
 */
export function haveOwnIds(
  aggregates: readonly Pick<Aggregate, 'start' | 'orgId' | 'apiId'>[],
  rules: RowRules,
): boolean {
  const starts = aggregates.map((aggregate) => startOfId(aggregate, rules)).sort();
  return starts.every((start, at) => at === 0 || !start.startsWith(starts[at - 1] as string));
}

/** Too long a text ends in the hash of the whole. */
export function shortened(text: string, most: number): string {
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 <= most) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  const hash = createHash('sha256').update(bytes).digest('hex');
  // A character that is cut in two waits in the decoder for its rest.
  const head = new TextDecoder().decode(bytes.subarray(0, most - hash.length), { stream: true });
  return `${head}${hash}`;
}
