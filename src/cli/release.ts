import { explain } from '../lib/errors.ts';
import { visible } from '../lib/visible.ts';
import { configLists } from '../operate/config-lists.ts';
import { findRunner } from '../operate/runners.ts';
import { findSegments, withoutName } from '../purge/claim/unnamed.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import { liveConsumers, release } from '../purge/release.ts';
import type { RedisClient } from '../redis/client.ts';
import { isOutage } from '../redis/connect-outage.ts';
import { type CommandContext, type ExitCode, loadOrSay } from './command-context.ts';
import type { Command } from './command-line/command.ts';
import { printJson } from './json.ts';
import { knownLists } from './known-lists.ts';
import { count } from './progress.ts';
import { type ConnectRedis, withRedis } from './with-redis.ts';

export type ReleaseCommand = Extract<Command, { kind: 'release' }>;

/** `sluice release`: everything undelivered goes back to the gateway's lists, for Tyk Pump or a later start to take. */
export async function releaseAll(
  { flags }: ReleaseCommand,
  context: CommandContext,
  { connect }: { readonly connect: ConnectRedis },
): Promise<ExitCode> {
  const config = await loadOrSay(flags.conf, context);
  if (config === undefined) return 1;
  return withRedis({ config: config.redis, connect }, context, async (client) => {
    const lists = await configLists(client, config);
    if ((await knownLists(client, lists, context)).length < lists.length) return 1;
    const idle = config.delivery.lease * 2;
    if (!flags.force && (await mayRun(client, lists, { idle, context }))) return 1;
    const unnamed = await unnamedSegments(client, lists, context);
    const back: Back[] = [];
    for (const list of lists) {
      const { signal } = context;
      const released = await release(client, list, signal, unnamed.get(list.key));
      if (released.records === 0) continue;
      back.push(released);
      if (!flags.json) print(`${released.list}: ${count(released.records)} records`, context);
    }
    sayBack(back, { isSpilling: config.bounds.spillDir !== '', isJson: flags.json }, context);
    return 0;
  });
}

/** What of a list is back. */
type Back = Awaited<ReturnType<typeof release>>;

const print = (line: string, { stdout }: CommandContext): void => {
  stdout.write(`${line}\n`);
};

function sayBack(
  back: readonly Back[],
  { isSpilling, isJson }: { readonly isSpilling: boolean; readonly isJson: boolean },
  context: CommandContext,
): void {
  const again = new Map<string, number>();
  for (const [route, number] of back.flatMap((each) => [...each.again]))
    again.set(route, (again.get(route) ?? 0) + number);
  const records = back.reduce((sum, each) => sum + each.records, 0);
  if (isJson) {
    printJson(context.stdout, {
      records,
      lists: back.map(({ list, records: here }) => ({ list, records: here })),
      again: [...again].map(([route, number]) => ({ route, records: number })),
      spillStays: isSpilling,
    });
    return;
  }
  if (isSpilling)
    print(
      'Records spilled to disk are not in Redis and stay where they are: sluice spill drain delivers them.',
      context,
    );
  print(`${count(records)} records are back in the gateway’s lists.`, context);
  for (const [route, number] of again)
    print(`${visible(route)} had already answered for ${count(number)} of them.`, context);
}

/** Whether an instance may still run; then says which. */
async function mayRun(
  client: RedisClient,
  lists: readonly SourceList[],
  { idle, context }: { readonly idle: number; readonly context: CommandContext },
): Promise<boolean> {
  const live = await Promise.all(lists.map((list) => liveConsumers(client, list, idle)));
  const names = [...new Set(live.flat())];
  // One at rest reads nothing; it has dated its routes, and has a connection.
  const runner = names.length > 0 ? undefined : await findRunner(client, lists, undefined);
  if (runner !== undefined && runner.state !== 'none') {
    const since = runner.state === 'seen' ? ` (seen ${runner.secondsAgo} s ago)` : '';
    context.stderr.write(
      `sluice: error: an instance may still run${since}. Stop every instance first, or say --force.\n`,
    );
    return true;
  }
  if (names.length === 0) return false;
  context.stderr.write(
    `sluice: error: ${names.map(visible).join(', ')} may still run (heard of within ${Math.round(idle / 1000)} s). Stop every instance first, or say --force.\n`,
  );
  return true;
}

/** By list; none, and a line, where Redis does not let us look through its keys. */
async function unnamedSegments(
  client: RedisClient,
  lists: readonly SourceList[],
  { signal, stderr }: CommandContext,
): Promise<ReadonlyMap<string, readonly string[]>> {
  try {
    const unnamed = await withoutName(client, await findSegments(client, lists, signal));
    return new Map(unnamed.map(({ list, segments }) => [list, segments]));
  } catch (error) {
    if (signal.aborted || isOutage(error)) throw error;
    stderr.write(
      `sluice: warning: segments that nothing names cannot be looked for: ${explain(error)}\n`,
    );
    return new Map();
  }
}
