import type { BoundsConfig, Config, PumpEntry } from '../../config/config.ts';
import { visible } from '../../lib/visible.ts';
import { configLists } from '../../operate/config-lists.ts';
import {
  type ControlledRoute,
  changeRate,
  controlsOf,
  listRoutes,
  pause,
  rateInForce,
  resume,
  rewind,
  routeNamed,
  skipToNow,
} from '../../operate/controls.ts';
import { readTime } from '../../operate/time-text.ts';
import type { SourceList } from '../../purge/lease/lease.ts';
import type { RedisClient } from '../../redis/client.ts';
import type { Told } from '../../route/controls/store.ts';
import { type CommandContext, type ExitCode, loadOrSay } from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { hint, meant } from '../command-line/meant.ts';
import { printJson } from '../json.ts';
import { knownLists } from '../known-lists.ts';
import { count } from '../progress.ts';
import { table } from '../table.ts';
import { type ConnectRedis, withRedis } from '../with-redis.ts';
import { rateText, readRate } from './rate-text.ts';
import { renameRoute } from './rename.ts';

export type RouteCommand = Extract<Command, { kind: 'route' }>;
type ControlCommand = Exclude<RouteCommand, { action: 'rename' }>;

export interface RouteTools {
  readonly connect: ConnectRedis;
  readonly host: string;
  /** Who runs the command, `user@host`: for the logs of those who take it up. */
  readonly who: string;
  /** Asks on a terminal; undefined: there is none. */
  readonly confirm: (question: string) => Promise<boolean | undefined>;
}

/** What a control works on. */
interface Work {
  readonly client: RedisClient;
  readonly config: Config;
  readonly context: CommandContext;
  readonly told: Told;
}

/** Says what was found, for programs or in lines. */
type Say = (found: object, ...lines: readonly string[]) => ExitCode;

/** `sluice route …`: what operators want of one route, in all instances. */
export function route(
  command: RouteCommand,
  context: CommandContext,
  tools: RouteTools,
): Promise<ExitCode> {
  return command.action === 'rename'
    ? renameRoute(command, context, tools)
    : control(command, context, tools);
}

async function control(
  command: ControlCommand,
  context: CommandContext,
  { connect, who, confirm }: RouteTools,
): Promise<ExitCode> {
  const config = await loadOrSay(command.flags.conf, context);
  if (config === undefined) return 1;
  const entry = command.action === 'ls' ? undefined : routeNamed(config, command.route);
  if (command.action === 'rate' && command.rate.length > 0) {
    const read = readRate(command.rate);
    if ('problem' in read) {
      context.stderr.write(`sluice: error: ${visible(read.problem)}\n`);
      return 1;
    }
  }
  const since =
    command.action === 'rewind' ? readTime(command.flags.to, context.clock.now()) : undefined;
  if (command.action === 'rewind' && since === undefined) {
    context.stderr.write(
      `sluice: error: --to: found '${visible(command.flags.to)}', expected a time that has passed: 14:00, 2026-01-31T14:00:00Z, or how long ago, 2h\n`,
    );
    return 1;
  }
  if (command.action !== 'ls' && entry === undefined) {
    const names = config.pumps.map(({ name }) => name);
    const close = hint(meant(command.route.toUpperCase(), names));
    context.stderr.write(
      `sluice: error: the configuration has no pump ${visible(command.route)}${close}; it has ${names.map(visible).join(', ')}\n`,
    );
    return 1;
  }
  return withRedis({ config: config.redis, connect }, context, async (client) => {
    const told = { by: who, at: new Date(context.clock.now()).toISOString() };
    const work = { client, config, context, told };
    if (command.action === 'ls' || entry === undefined) return ls(work, command.flags.json);
    const all = await configLists(client, config);
    if ((await knownLists(client, all, context)).length < all.length) return 1;
    const say = (found: object, ...lines: readonly string[]): ExitCode => {
      if (command.flags.json) printJson(context.stdout, { route: entry.name, ...found });
      else for (const line of lines) context.stdout.write(`${line}\n`);
      return 0;
    };
    switch (command.action) {
      case 'pause':
        return pausing(work, entry, say);
      case 'resume':
        return resuming(work, entry, say);
      case 'rewind':
        return rewinding(work, entry, { since: since ?? 0, lists: all }, say);
      case 'skip-to-now':
        return skipping(work, entry, { lists: all, isSaid: command.flags.yes, confirm }, say);
      case 'rate':
        return rating(work, entry, command.rate, say);
      default:
        return command satisfies never;
    }
  });
}

async function ls({ client, config, context }: Work, json: boolean): Promise<ExitCode> {
  const lists = await configLists(client, config);
  const known = await knownLists(client, lists, context);
  const routes = await listRoutes(client, config, known);
  if (json) printJson(context.stdout, { routes });
  else for (const line of rows(routes)) context.stdout.write(`${line}\n`);
  return known.length === lists.length ? 0 : 1;
}

function rows(routes: readonly ControlledRoute[]): readonly string[] {
  return table([
    ['ROUTE', 'PUMP', 'STATE', 'RATE', 'PENDING', 'LAG', 'SAID'],
    ...routes.map(({ route, pump, state, paused, rate, pending, lagSeconds }) => [
      route,
      pump,
      state,
      rateText(rate),
      count(pending),
      `${Math.round(lagSeconds)} s`,
      [
        ...(paused === null ? [] : [`paused by ${paused.by} at ${paused.at}`]),
        ...(rate === null || rate.said === null
          ? []
          : [`rate by ${rate.said.by} at ${rate.said.at}`]),
      ].join('; '),
    ]),
  ]);
}

async function pausing(
  { client, config, told }: Work,
  entry: PumpEntry,
  say: Say,
): Promise<ExitCode> {
  const { name } = entry;
  const found = await pause(client, config, entry, told);
  const { by, at } = found.paused ?? told;
  const since = `by ${visible(by)} at ${visible(at)}`;
  if (!found.hasChanged) return say(found, `${name} is paused already, ${since}.`);
  return say(
    found,
    `${name} is paused, ${since}: instances notice within two seconds, and send its sink nothing until sluice route resume ${name}.`,
    waitingPlace(config.bounds),
  );
}

/** What becomes of the records of a paused route, in words: those of a sink that stands still. */
function waitingPlace({ policy, spillDir }: BoundsConfig): string {
  const atBound =
    policy === 'shed'
      ? 'the oldest it has not had are dropped for it, counted as shed (at_bound: shed)'
      : 'nothing more is taken from the gateway, for any pump (at_bound: hold)';
  const first = spillDir === '' ? '' : 'they go to spill_dir first; when that is full, ';
  return `Its records wait in Redis. At retained_bytes ${first}${atBound}.`;
}

async function resuming(
  { client, config, told }: Work,
  entry: PumpEntry,
  say: Say,
): Promise<ExitCode> {
  const found = await resume(client, config, entry, told);
  const by = `by ${visible(told.by)} at ${told.at}`;
  return say(
    { ...found, paused: null },
    found.hasChanged
      ? `${entry.name} is resumed, ${by}: it goes on where it was within two seconds.`
      : `${entry.name} is not paused.`,
  );
}

async function rating(
  { client, config, told }: Work,
  entry: PumpEntry,
  words: readonly string[],
  say: Say,
): Promise<ExitCode> {
  const { name } = entry;
  if (words.length === 0) {
    const rate = rateInForce(entry, await controlsOf(client, config, entry));
    const by =
      rate?.said == null ? '' : `, by ${visible(rate.said.by)} at ${visible(rate.said.at)}`;
    return say({ rate }, `${name}: ${rateText(rate)}${by}.`);
  }
  const read = readRate(words);
  if ('problem' in read) return 1;
  const rate = await changeRate(client, config, entry, { ...told, rate: read.rate });
  const until =
    read.rate === undefined
      ? 'as the configuration says'
      : `until sluice route rate ${name} off, by ${visible(told.by)} at ${told.at}`;
  return say(
    { rate },
    `${name}: ${rateText(rate)}, over all instances, ${until}. Instances notice within two seconds.`,
  );
}

async function rewinding(
  { client, config, context, told }: Work,
  entry: PumpEntry,
  { since, lists }: { readonly since: number; readonly lists: readonly SourceList[] },
  say: Say,
): Promise<ExitCode> {
  const { name } = entry;
  const { records, oldest } = await rewind(client, config, entry, { since, lists, ...told });
  const { retain } = config.bounds;
  const reach =
    oldest === undefined
      ? 'Redis keeps nothing.'
      : `What Redis keeps was claimed from ${iso(oldest)} on.`;
  const unset =
    retain === undefined
      ? ' sluice.retain is not set: what all have answered for goes at once.'
      : '';
  say(
    { since: iso(since), records, keptSince: oldest === undefined ? null : iso(oldest) },
    `${name} gets ${count(records)} records again that were claimed since ${iso(since)}, under the same record ids, by ${visible(told.by)} at ${told.at}. ${reach}${unset}`,
  );
  if (oldest !== undefined && oldest <= since) return 0;
  if (!context.signal.aborted && records === 0)
    context.stderr.write(
      `sluice: warning: nothing of that is kept that ${visible(name)} had answered for\n`,
    );
  return 0;
}

const iso = (time: number): string => new Date(time).toISOString();

async function skipping(
  { client, config, context, told }: Work,
  entry: PumpEntry,
  {
    lists,
    isSaid,
    confirm,
  }: {
    readonly lists: readonly SourceList[];
    readonly isSaid: boolean;
    readonly confirm: RouteTools['confirm'];
  },
  say: Say,
): Promise<ExitCode> {
  const { name } = entry;
  const waiting = (await listRoutes(client, config, lists)).find(({ route }) => route === name);
  const pending = count(waiting?.pending ?? 0);
  if (!isSaid) {
    const isMeant = await confirm(
      `${pending} records wait for ${name}. They will not be delivered to it. Skip them? (yes) `,
    );
    if (isMeant !== true) {
      context.stderr.write(
        isMeant === undefined
          ? `sluice: error: ${pending} records wait for ${visible(name)} and would not be delivered to it: say --yes\n`
          : 'Nothing was skipped.\n',
      );
      return 1;
    }
  }
  const records = await skipToNow(client, config, entry, { lists, ...told });
  return say(
    { skipped: records },
    `${name}: ${count(records)} records were skipped, by ${visible(told.by)} at ${told.at}. What is on its way to the sink arrives all the same, and is counted as delivered; what is on disk (spill_dir) is not touched.`,
  );
}
