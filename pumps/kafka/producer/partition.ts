/** A partition of the topic. */
export interface Partition {
  readonly id: number;
  /** Somebody takes messages for it at the moment. */
  readonly hasLeader: boolean;
}

/** The partition of a key: the same as Java's producer, kafkajs and Kafka Streams choose. */
export function partitionOf(key: Uint8Array, partitions: readonly Partition[]): number {
  return (murmur2(key) & 0x7fffffff) % partitions.length;
}

/**
 * Partitions for messages without a key, one after the other. Begins at the one of `key`, so that a batch that is sent
 * again goes where it went before; those without a leader are left out while others have one.
 */
export function takeTurns(key: Uint8Array, partitions: readonly Partition[]): () => number {
  const led = partitions.filter(({ hasLeader }) => hasLeader);
  const usable = led.length > 0 ? led : partitions;
  let next = partitionOf(key, usable);
  return () => {
    const { id } = usable[next % usable.length] ?? { id: 0 };
    next += 1;
    return id;
  };
}

const seed = 0x9747b28c;
const factor = 0x5bd1e995;

/** Murmur 2 as Kafka's clients compute it: over little-endian words, as a signed 32-bit integer. */
export function murmur2(key: Uint8Array): number {
  const { length } = key;
  const at = (index: number): number => key[index] ?? 0;
  let hash = seed ^ length;
  const words = length - (length % 4);
  for (let index = 0; index < words; index += 4) {
    let word = at(index) | (at(index + 1) << 8) | (at(index + 2) << 16) | (at(index + 3) << 24);
    word = Math.imul(word, factor);
    word ^= word >>> 24;
    hash = Math.imul(hash, factor) ^ Math.imul(word, factor);
  }
  const rest = length % 4;
  if (rest > 0) {
    if (rest === 3) hash ^= at(words + 2) << 16;
    if (rest >= 2) hash ^= at(words + 1) << 8;
    hash = Math.imul(hash ^ at(words), factor);
  }
  hash = Math.imul(hash ^ (hash >>> 13), factor);
  return (hash ^ (hash >>> 15)) | 0;
}
