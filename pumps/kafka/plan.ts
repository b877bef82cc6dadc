import type { Entry } from '#pump';
import { type Partition, partitionOf } from './producer/producer.ts';
import type { Settings } from './settings.ts';

/** Records of a batch that belong together. */
export interface Group {
  /** Undefined: any partition will do. */
  readonly partition: number | undefined;
  /** Which of the batch they are, in their order. */
  readonly places: readonly number[];
}

/** What decides where a message goes, and under which key. */
type KeySettings = Pick<Settings, 'partitionBy' | 'messageKey'>;

/** Records with something that decides their partition by that; where nothing does, all of them. */
export function groupsOf(
  entries: readonly Entry[],
  partitions: readonly Partition[],
  settings: KeySettings,
): readonly Group[] {
  const { partitionBy, messageKey } = settings;
  if (partitionBy === 'none' && messageKey !== 'record')
    return [{ partition: undefined, places: entries.map((_, place) => place) }];
  const groups = new Map<number, number[]>();
  for (const [place, entry] of entries.entries()) {
    const partition = partitionOf(partitionKeyOf(entry, settings), partitions);
    const others = groups.get(partition);
    if (others === undefined) groups.set(partition, [place]);
    else others.push(place);
  }
  return [...groups].map(([partition, places]) => ({ partition, places }));
}

/** Copies of a record belong together, or a compacted topic would keep both. */
const partitionKeyOf = (entry: Entry, { partitionBy }: KeySettings): Uint8Array =>
  partitionBy === 'none' ? Buffer.from(entry.id) : entry.record.utf8(partitionBy);

/** The key of the message. */
export function keyOf(entry: Entry, { partitionBy, messageKey }: KeySettings): Uint8Array | null {
  if (messageKey === 'record') return Buffer.from(entry.id);
  return messageKey === 'none' || partitionBy === 'none' ? null : entry.record.utf8(partitionBy);
}
