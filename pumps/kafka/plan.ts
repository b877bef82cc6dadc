import type { Draft } from './messages.ts';
import {
  batchFrame,
  type MessageSet,
  type Partition,
  partitionOf,
  takeTurns,
} from './producer/producer.ts';

/** Records that go to one partition in one request. */
export interface Send extends MessageSet {
  readonly messages: readonly Draft[];
}

/** Which messages go where together: those with a key by its hash, the others a request at a time. */
export function planSends(
  drafts: readonly Draft[],
  partitions: readonly Partition[],
  batchBytes: number,
): readonly Send[] {
  const keyed = new Map<number, Draft[]>();
  const free: Draft[] = [];
  for (const draft of drafts) {
    if (draft.partitionKey === undefined) {
      free.push(draft);
      continue;
    }
    const partition = partitionOf(draft.partitionKey, partitions);
    const others = keyed.get(partition);
    if (others === undefined) keyed.set(partition, [draft]);
    else others.push(draft);
  }
  const sends = [...keyed].flatMap(([partition, together]) =>
    cut(together, batchBytes).map((part) => ({ partition, messages: part })),
  );
  const [first] = free;
  if (first === undefined) return sends;
  const nextPartition = takeTurns(Buffer.from(first.entry.id), partitions);
  return [
    ...sends,
    ...cut(free, batchBytes).map((part) => ({ partition: nextPartition(), messages: part })),
  ];
}

/** Parts of at most `limit` bytes, in order. No draft is larger than that alone. */
function cut(drafts: readonly Draft[], limit: number): readonly (readonly Draft[])[] {
  const parts: Draft[][] = [];
  let part: Draft[] = [];
  let size = batchFrame;
  for (const draft of drafts) {
    if (part.length > 0 && size + draft.size > limit) {
      parts.push(part);
      part = [];
      size = batchFrame;
    }
    part.push(draft);
    size += draft.size;
  }
  return part.length === 0 ? parts : [...parts, part];
}
