import { until } from '../services/process.ts';
import { groupsOf, manifestOf } from './manifests.ts';
import { gatewayLists } from './records.ts';
import type { Action } from './schedule.ts';
import type { World } from './world.ts';

/** From now on the route is entitled to everything: it has its group on every list. */
export async function mark(world: World, route: string): Promise<void> {
  const isKnown = async (list: string): Promise<boolean> =>
    (await groupsOf(world.store, manifestOf(list))).some(
      ({ name }) => name === route.toUpperCase(),
    );
  await until(`every list knows ${route}`, async () =>
    (await Promise.all(gatewayLists.map(isKnown))).every(Boolean),
  );
  world.destination(route).mark = world.pusher.next;
}

/** What is wrong with how much waits in the gateway's lists once everything has been pushed. */
export async function unclaimed(world: World, share: number): Promise<string | undefined> {
  await world.pusher.run();
  const lengths = await Promise.all(gatewayLists.map((list) => world.store.client.llen(list)));
  const waiting = lengths.reduce((sum, length) => sum + length, 0);
  const wanted = Math.floor(world.schedule.load.records * share);
  return waiting >= wanted
    ? undefined
    : `${waiting} records wait in the gateway's lists, not ${wanted} or more`;
}

export async function forgotten(
  { instances }: World,
  { route, withinMs }: Extract<Action, { do: 'forgotten' }>,
): Promise<string | undefined> {
  try {
    await until(
      `${route} is forgotten`,
      () => instances.some((instance) => recordsForgotten(instance.log(), route) !== undefined),
      withinMs,
    );
    return undefined;
  } catch {
    return `${route} was not forgotten within ${withinMs} ms`;
  }
}

/** How many records the log says the route had left, over all lists; undefined: it does not say so at all. */
export function recordsForgotten(log: string, route: string): number | undefined {
  const lines = log
    .split('\n')
    .filter((line) => line.includes('was forgotten with what it had left'))
    .filter((line) => line.includes(`route=${route.toUpperCase()}`));
  if (lines.length === 0) return undefined;
  return lines.reduce((sum, line) => sum + Number(/records=(\d+)/.exec(line)?.[1]), 0);
}
