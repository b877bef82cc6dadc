import type { Entry } from '#pump';
import { estimateOf, mostEstimateOf } from './documents.ts';

/** Records of one insert. */
export interface Chunk {
  readonly collection: string;
  readonly entries: readonly Entry[];
}

/**
 * The entries in portions for one insert each: by collection, in their order, and of at most `mostBytes` by estimate; one
 * that is larger goes alone.
 */
export function chunksOf(
  byCollection: ReadonlyMap<string, readonly Entry[]>,
  mostBytes: number,
): readonly Chunk[] {
  return [...byCollection].flatMap(([collection, entries]) =>
    portions(entries, mostBytes).map((portion) => ({ collection, entries: portion })),
  );
}

function portions(entries: readonly Entry[], mostBytes: number): readonly (readonly Entry[])[] {
  let most = 0;
  for (const { record } of entries) most += mostEstimateOf(record);
  if (most <= mostBytes) return [entries];
  const all: Entry[][] = [];
  let [current, bytes]: [Entry[], number] = [[], 0];
  for (const entry of entries) {
    const size = estimateOf(entry.record);
    if (current.length > 0 && bytes + size > mostBytes) {
      all.push(current);
      [current, bytes] = [[], 0];
    }
    current.push(entry);
    bytes += size;
  }
  return [...all, current];
}
