import { type DrainParts, drainSpill } from '../../app/drain-spill.ts';
import { preparePumps } from '../../app/prepare.ts';
import { StartError } from '../../lib/errors.ts';
import { visible } from '../../lib/visible.ts';
import { configLists } from '../../operate/config-lists.ts';
import type { FindPump } from '../../pump/check-pumps.ts';
import { type CommandContext, type ExitCode, loadOrSay } from '../command-context.ts';
import { printJson } from '../json.ts';
import { knownLists } from '../known-lists.ts';
import { count } from '../progress.ts';
import { type ConnectRedis, withRedis } from '../with-redis.ts';
import { type SpillCommand, type SpillFolder, saysWhere, spillFolder } from './spill.ts';

/** In words, why there is nothing to deliver; undefined: there is something. */
function whyNothing(
  { instances }: SpillFolder,
  isChosen: (route: string) => boolean,
  named: readonly string[],
): string | undefined {
  const full = instances.filter(({ routes }) =>
    routes.some(({ route, ranges }) => isChosen(route) && ranges.length > 0),
  );
  if (full.length === 0) return 'Nothing waits on disk.\n';
  const mayGo = full.some(
    ({ name, state }) => state === 'gone' || (state === 'elsewhere' && named.includes(name)),
  );
  if (mayGo) return undefined;
  const lines = full.map(({ name, state }) =>
    state === 'held'
      ? `${visible(name)} lives and delivers what it has.\n`
      : `${visible(name)} belongs to another machine: say --instance if it is gone for good.\n`,
  );
  return `Nothing is left by an instance that is gone.\n${lines.join('')}`;
}

/** What draining uses of the process beside what every command does. */
export type DrainTools = Pick<
  DrainParts,
  'instance' | 'host' | 'processId' | 'log' | 'mask' | 'writeOutput' | 'logTaken'
> & {
  readonly connect: ConnectRedis;
  readonly findPump: FindPump;
};

/** `sluice spill drain`: delivers what instances that are gone left on disk, through the pumps of the configuration. */
export async function drain(
  { flags }: SpillCommand,
  context: CommandContext,
  { connect, findPump, ...tools }: DrainTools,
): Promise<ExitCode> {
  if (saysWhere(flags, context)) return 1;
  const { stdout, stderr, clock, signal } = context;
  const config = await loadOrSay(flags.conf, context);
  const folder = config && (await spillFolder(flags, context, tools.host));
  if (config === undefined || folder === undefined) return 1;
  const isChosen = (name: string): boolean =>
    flags.route.length === 0 ||
    flags.route.some((route) => route.toLowerCase() === name.toLowerCase());
  const nothing = whyNothing(folder, isChosen, flags.instance);
  if (nothing !== undefined) {
    // Nothing is made in a folder from which nothing is to be delivered.
    if (flags.json) printJson(stdout, { answered: 0, left: 0, reason: nothing.trim() });
    else stdout.write(nothing);
    return 0;
  }
  const wanted = config.pumps.filter(({ name }) => isChosen(name));
  try {
    const pumps = await preparePumps(wanted, { findPump, admin: undefined, log: tools.log });
    return await withRedis({ config: config.redis, connect }, context, async (client) => {
      const lists = await configLists(client, config);
      if ((await knownLists(client, lists, context)).length < lists.length) return 1;
      const { root } = folder;
      const alsoAdopts = flags.instance;
      const drained = await drainSpill(
        { ...tools, config, pumps, client, root, alsoAdopts, clock },
        signal,
      );
      const { found, left: rest } = drained;
      if (flags.json) printJson(stdout, { answered: found - rest, left: rest });
      else
        stdout.write(`${count(found - rest)} records answered for, ${count(rest)} left on disk.\n`);
      return rest === 0 ? 0 : signal.aborted ? 130 : 1;
    });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    stderr.write(`sluice: error: ${error.message}\n`);
    return 1;
  }
}
