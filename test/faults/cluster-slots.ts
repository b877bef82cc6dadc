import type { RedisServer } from '../services/redis.ts';

/**
 * Moves the slots of these keys, each to the node after its own, as `redis-cli --cluster reshard` does: key by key, so
 * that for a while a slot's keys are on two nodes (ASK, TRYAGAIN), and then they are somewhere else (MOVED).
 */
export async function moveSlots(
  nodes: readonly RedisServer[],
  keys: readonly string[],
): Promise<void> {
  const [any] = nodes;
  if (any === undefined) throw new Error('There is no node.');
  const slots = await Promise.all(keys.map((key) => any.client.cluster('KEYSLOT', key)));
  for (const slot of new Set(slots)) await moveSlot(nodes, slot);
}

async function moveSlot(nodes: readonly RedisServer[], slot: number): Promise<void> {
  const at = await ownerOf(nodes, slot);
  const source = nodes[at];
  const target = nodes[(at + 1) % nodes.length];
  if (source === undefined || target === undefined) throw new Error('unreachable');
  const [sourceId, targetId] = await Promise.all([idOf(source), idOf(target)]);
  await target.client.cluster('SETSLOT', slot, 'IMPORTING', sourceId);
  await source.client.cluster('SETSLOT', slot, 'MIGRATING', targetId);
  for (;;) {
    const [key] = await source.client.cluster('GETKEYSINSLOT', slot, 1);
    if (key === undefined) break;
    await source.client.migrate(target.host, target.port, key, 0, 5_000);
  }
  // The new owner first: nobody must see a slot without one.
  for (const node of [target, source, ...nodes])
    await node.client.cluster('SETSLOT', slot, 'NODE', targetId);
}

const idOf = (node: RedisServer): Promise<string> => node.client.cluster('MYID');

async function ownerOf(nodes: readonly RedisServer[], slot: number): Promise<number> {
  const ranges = (await nodes[0]?.client.cluster('SLOTS')) ?? [];
  const range = ranges.find(([from, to]) => slot >= from && slot <= to);
  const at = nodes.findIndex(({ port }) => port === range?.[2]?.[1]);
  if (at < 0) throw new Error(`Nobody owns slot ${slot}.`);
  return at;
}
