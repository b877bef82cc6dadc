import type { Entry } from '#pump';

/** Records of a segment that share a note. */
export const blockSize = 1_024;

/** What a batch holds of one block of a segment. */
export interface Block {
  readonly segment: string;
  readonly number: number;
  /** A bit for each record of the block: the first one's is the lowest of the first byte. */
  readonly bits: Uint8Array;
}

/** The blocks that records are of, in one order for all batches, so that two of them never wait for each other. */
export function blocksOf(entries: readonly Entry[]): readonly Block[] {
  const found = new Map<string, Map<number, Block>>();
  let last: Block | undefined;
  for (const { segment, index } of entries) {
    const number = Math.floor(index / blockSize);
    if (last?.number !== number || last.segment !== segment) last = blockIn(found, segment, number);
    mark(last.bits, index % blockSize);
  }
  return [...found.values()]
    .flatMap((blocks) => [...blocks.values()])
    .sort((left, right) => compare(left.segment, right.segment) || left.number - right.number);
}

function blockIn(found: Map<string, Map<number, Block>>, segment: string, number: number): Block {
  const blocks = found.get(segment) ?? new Map<number, Block>();
  found.set(segment, blocks);
  const block = blocks.get(number) ?? { segment, number, bits: new Uint8Array(blockSize / 8) };
  blocks.set(number, block);
  return block;
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

function mark(bits: Uint8Array, bit: number): void {
  bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7));
}

const isMarked = (bits: Uint8Array, bit: number): boolean =>
  ((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;

/** What was noted, by segment and number of the block. */
export type Noted = ReadonlyMap<string, Uint8Array>;

export const keyOf = (segment: string, number: number): string => `${segment}:${number}`;

/** The records that no note has. */
export function freshOf(entries: readonly Entry[], noted: Noted): readonly Entry[] {
  if (noted.size === 0) return entries;
  return entries.filter(({ segment, index }) => {
    const bits = noted.get(keyOf(segment, Math.floor(index / blockSize)));
    return bits === undefined || !isMarked(bits, index % blockSize);
  });
}

/** The notes of a block once its records are stored. */
export function merged({ segment, number, bits }: Block, noted: Noted): Uint8Array {
  const before = noted.get(keyOf(segment, number));
  return before === undefined ? bits : bits.map((byte, at) => byte | (before[at] ?? 0));
}
