/** The gateway spreads records over a list and its shards, in two encodings: people think of them as one. */
import type { ListLook } from './api-types.ts';

export interface ListGroup {
  /** What the names have in common. */
  readonly name: string;
  /** Calls or uptime records, and how they are written. */
  readonly what: string;
  readonly lists: readonly ListLook[];
  readonly waiting: number;
  readonly segments: number;
  /** Until the first of its lists expires with records in it. */
  readonly expiresInSeconds: number | null;
}

export function groupLists(lists: readonly ListLook[]): readonly ListGroup[] {
  const groups = new Map<string, ListLook[]>();
  for (const list of lists) {
    const key = `${list.records} ${list.encoding}`;
    groups.set(key, [...(groups.get(key) ?? []), list]);
  }
  return [...groups.values()].map((all) => {
    const expiring = all.flatMap(({ waiting, expires_in_seconds: left }) =>
      waiting > 0 && left !== null ? [left] : [],
    );
    const [first] = all;
    return {
      name: commonStart(all.map(({ list }) => list)),
      what: `${first?.records === 'uptime' ? 'uptime records' : 'calls'}, ${first?.encoding ?? ''}`,
      lists: all,
      waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
      segments: all.reduce((sum, { segments }) => sum + segments, 0),
      expiresInSeconds: expiring.length === 0 ? null : Math.min(...expiring),
    };
  });
}

function commonStart(names: readonly string[]): string {
  const [first = ''] = names;
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length).replace(/_$/, '');
}

export const isBusy = ({ waiting, segments }: Pick<ListLook, 'waiting' | 'segments'>): boolean =>
  waiting > 0 || segments > 0;
