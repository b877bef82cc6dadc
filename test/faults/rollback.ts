import { setTimeout as delay } from 'node:timers/promises';
import { launch, until } from '../services/process.ts';
import { unanswered } from './manifests.ts';
import { gatewayLists, indexIn } from './records.ts';
import type { World } from './world.ts';

/**
 * The way back to Tyk Pump, with no pump running: `sluice release`, killed and begun anew `kills` times. Returns what is
 * wrong with the gateway's lists afterwards: they must be exactly what some route had not answered for, then what
 * nobody had claimed, each in the gateway's order.
 */
export async function rollBack(world: World, kills: number): Promise<string | undefined> {
  const { store, pusher, destinations, instances } = world;
  if (instances.some((each) => each.isRunning())) return 'a pump runs during the rollback';
  await pusher.run();
  const expected = new Map<string, readonly Buffer[]>();
  for (const list of gatewayLists) {
    const waiting = await store.client.lrangeBuffer(list, 0, -1);
    expected.set(list, [...(await unanswered(store, list)), ...waiting]);
  }
  for (let killed = 0; killed < kills; killed++) await release(world, 150 + 40 * killed);
  const code = await release(world, undefined);
  if (code !== 0) return `sluice release ended with ${code}`;

  const wrong: string[] = [];
  const back = new Set<number>();
  for (const [list, elements] of expected) {
    const found = await store.client.lrangeBuffer(list, 0, -1);
    for (const element of found) back.add(indexIn(element) ?? -1);
    if (Buffer.compare(Buffer.concat(found), Buffer.concat(elements)) !== 0)
      wrong.push(`${list} holds ${found.length} elements, not the ${elements.length} it must`);
  }
  const arrived = await Promise.all(destinations.map((each) => each.arrived()));
  const isEverywhere = (index: number): boolean => arrived.every((indices) => indices.has(index));
  const lost = [...pusher.certain].filter((index) => !isEverywhere(index) && !back.has(index));
  if (lost.length > 0) wrong.push(`${lost.length} records are neither delivered nor back`);
  if (back.size === 0) wrong.push('nothing was left to give back: the schedule proves nothing');
  return wrong.length === 0 ? undefined : wrong.join('; ');
}

/** Killed after so many milliseconds, if it has not ended before; otherwise its exit code. */
async function release(
  { main, instances }: World,
  killAfter: number | undefined,
): Promise<number | null> {
  const conf = instances.at(-1)?.conf ?? '';
  const child = launch(process.execPath, [main, 'release', '--force', '--conf', conf], {
    env: { PATH: process.env['PATH'] },
  });
  if (killAfter === undefined) await until('sluice release has ended', () => !child.isRunning());
  else {
    await delay(killAfter);
    await child.kill9();
  }
  return child.exit()?.code ?? null;
}
