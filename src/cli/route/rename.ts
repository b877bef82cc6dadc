import type { Config } from '../../config/config.ts';
import { millis } from '../../lib/units.ts';
import { visible } from '../../lib/visible.ts';
import { configLists } from '../../operate/config-lists.ts';
import { findRunner, longestSilence, type Runner } from '../../operate/runners.ts';
import type { SourceList } from '../../purge/lease/lease.ts';
import type { RedisClient } from '../../redis/client.ts';
import { homeOf, renameControls } from '../../route/controls/store.ts';
import { type Known, knownOf, type Renamed, renameOn } from '../../route/rename-route.ts';
import { systemDisk } from '../../spill/disk.ts';
import { renameSpilled, type SpillHolders, spillHolders } from '../../spill/rename.ts';
import { type CommandContext, type ExitCode, loadOrSay } from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { knownLists } from '../known-lists.ts';
import { count } from '../progress.ts';
import { type ConnectRedis, withRedis } from '../with-redis.ts';

type RenameCommand = Extract<Command, { kind: 'route'; action: 'rename' }>;

interface RenameTools {
  readonly connect: ConnectRedis;
  readonly host: string;
}

/**
 * `sluice route rename OLD NEW`: position, ledger, dead letters and what waits on disk go to the new name, over all lists.
 * Everything is looked at before anything is changed. Interrupted half-way it can be run again.
 */
export async function renameRoute(
  { from, to, flags }: RenameCommand,
  context: CommandContext,
  { connect, host }: RenameTools,
): Promise<ExitCode> {
  const config = await loadOrSay(flags.conf, context);
  if (config === undefined) return 1;
  const spill = { disk: systemDisk, root: config.bounds.spillDir, host, from, to };
  return withRedis({ config: config.redis, connect }, context, async (client) => {
    const lists = await configLists(client, config);
    if ((await knownLists(client, lists, context)).length < lists.length) return 1;
    const [old, recent] = [await knownOf(client, lists, from), await knownOf(client, lists, to)];
    const holders = spill.root === '' ? nobodyHolds : await spillHolders(spill);
    const { force: isForced, merge: merges } = flags;
    const runners = [await findRunner(client, lists, from), await findRunner(client, lists, to)];
    const refusals = [
      ...unknown(from, to, old, holders),
      ...(isForced ? [] : [...running(from, runners[0]), ...running(to, runners[1])]),
      ...holders.held.map((name) => `${visible(name)} runs and has records of it on disk`),
      ...(merges ? [] : bothKnown(to, old, recent)),
    ];
    for (const refusal of refusals) context.stderr.write(`sluice: error: ${refusal}\n`);
    if (refusals.length > 0) return 1;
    const lease = config.delivery.lease;
    const renaming = { from, to, merges, lease, quietAfter: millis(longestSilence + 1000) };
    for (const records of ['analytics', 'uptime'] as const)
      if (lists.some(({ key }) => key === homeOf(config.redis, { records }).key))
        await renameControls(client, homeOf(config.redis, { records }).key, { from, to });
    const renamed = await renameAll(client, lists, renaming, context.signal);
    const files = await renameSpilled(spill, holders.gone);
    const { stdout } = context;
    for (const line of report({ from, to }, renamed, files)) stdout.write(`${line}\n`);
    for (const line of remarks({ from, to }, config, holders)) stdout.write(`${line}\n`);
    return renamed.some(({ outcome }) => outcome === 'both') ? 1 : 0;
  });
}

const nobodyHolds: SpillHolders = { gone: [], held: [], elsewhere: [] };

/** One list after the other: what an interruption leaves is easy to tell. */
async function renameAll(
  client: RedisClient,
  lists: readonly SourceList[],
  renaming: Parameters<typeof renameOn>[2],
  signal: AbortSignal,
): Promise<readonly Renamed[]> {
  const renamed: Renamed[] = [];
  for (const list of lists) {
    signal.throwIfAborted();
    renamed.push(await renameOn(client, list, renaming, signal));
  }
  return renamed;
}

const isKnown = ({ hasGroup, hasBooks, hasLetters }: Known): boolean =>
  hasGroup || hasBooks || hasLetters;

function unknown(
  from: string,
  to: string,
  old: readonly Known[],
  { gone, held, elsewhere }: SpillHolders,
): readonly string[] {
  if (from === to) return [`${from} is its name already`];
  const isAnywhere = old.some(isKnown) || [gone, held, elsewhere].some(({ length }) => length > 0);
  if (isAnywhere) return [];
  const why = from === uptimeAsTyped ? `. ${ofUptime}` : '';
  return [
    `there is no route ${visible(from)}, or it has been renamed already: see sluice status${why}`,
  ];
}

/** Names are upper case here, as those of `pumps` are. */
const uptimeAsTyped = 'UPTIME';
const ofUptime =
  'The route of uptime records is named uptime, whatever its pump, so that it goes on where it was by itself and has no other name to get';

/** Of the last two minutes: an instance that has just been stopped looks as if it ran while another one of ours does. */
function running(route: string, runner: Runner | undefined): readonly string[] {
  if (runner === undefined || runner.state === 'none') return [];
  const since = runner.state === 'seen' ? ` (seen ${runner.secondsAgo} s ago)` : '';
  return [
    `an instance had ${visible(route)} within two minutes and may still run${since}. Stop every instance that has it, or say --force`,
  ];
}

function bothKnown(to: string, old: readonly Known[], recent: readonly Known[]): readonly string[] {
  const taken = recent.filter(
    ({ hasGroup, hasBooks }, at) =>
      (hasGroup || hasBooks) && old.some((known, same) => same === at && isKnown(known)),
  );
  if (taken.length === 0) return [];
  const where = taken.map(({ list }) => list.key).join(', ');
  return [
    `${visible(to)} has a position of its own already, on ${where}. With --merge it keeps that, and gets in addition what the old name has not delivered and it has never had`,
  ];
}

function report(
  { from, to }: { readonly from: string; readonly to: string },
  renamed: readonly Renamed[],
  files: number,
): readonly string[] {
  const moved = renamed.filter(({ outcome }) => outcome === 'moved' || outcome === 'merged').length;
  const sum = (of: (one: Renamed) => number): number =>
    renamed.reduce((total, one) => total + of(one), 0);
  const [ranges, letters, had] = [
    sum((one) => one.ranges),
    sum((one) => one.letters),
    sum((one) => one.had),
  ];
  return [
    `${visible(from)} is ${visible(to)} now: its position on ${count(moved)} lists with ${count(ranges)} ranges that were under way or left, ${count(letters)} dead letters, ${count(files)} files on disk.`,
    ...(had === 0 ? [] : [`${count(had)} ranges it had had itself and does not get again.`]),
    ...(renamed.some(({ outcome }) => outcome === 'both')
      ? [
          `On some lists ${visible(to)} has got a position of its own meanwhile: an instance with it runs. Stop it and do this again, with --merge.`,
        ]
      : []),
  ];
}

function remarks(
  { from, to }: { readonly from: string; readonly to: string },
  { pumps }: Config,
  { elsewhere }: SpillHolders,
): readonly string[] {
  const has = (name: string): boolean => pumps.some((pump) => pump.name === name);
  return [
    ...(to === uptimeAsTyped && !has(to)
      ? ['That is not the route of uptime records: it is named uptime, in small letters.']
      : []),
    ...(has(to)
      ? []
      : [
          `The configuration has no pump ${visible(to)} yet: until one is started, what it has not delivered is kept for sluice.orphan_after.`,
        ]),
    ...(has(from)
      ? [
          `The configuration still has ${visible(from)}: it would begin anew, with what is claimed from then on.`,
        ]
      : []),
    ...elsewhere.map(
      (name) =>
        `${visible(name)} on another machine has records of it on disk: run this there as well.`,
    ),
  ];
}
