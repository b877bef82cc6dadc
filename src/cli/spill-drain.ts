import { type DrainParts, drainSpill } from '../app/drain-spill.ts';
import { preparePumps } from '../app/prepare.ts';
import { StartError } from '../lib/errors.ts';
import type { FindPump } from '../pump/check-pumps.ts';
import { type CommandContext, type ExitCode, loadOrSay } from './command-context.ts';
import { count } from './progress.ts';
import { type SpillCommand, spillFolder } from './spill.ts';
import { type ConnectRedis, withRedis } from './with-redis.ts';

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
  const { stdout, stderr, clock, signal } = context;
  const config = await loadOrSay(flags.conf, context);
  const folder = config && (await spillFolder(flags, context));
  if (config === undefined || folder === undefined) return 1;
  const wanted = config.pumps.filter(
    ({ name }) =>
      flags.route.length === 0 ||
      flags.route.some((route) => route.toLowerCase() === name.toLowerCase()),
  );
  try {
    const pumps = await preparePumps(wanted, { findPump, log: tools.log });
    return await withRedis({ config: config.redis, connect }, context, async (client) => {
      const { root } = folder;
      const alsoAdopts = flags.instance;
      const drained = await drainSpill(
        { ...tools, config, pumps, client, root, alsoAdopts, clock },
        signal,
      );
      const { found, left } = drained;
      stdout.write(`${count(found - left)} records answered for, ${count(left)} left on disk.\n`);
      return left === 0 ? 0 : signal.aborted ? 130 : 1;
    });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    stderr.write(`sluice: error: ${error.message}\n`);
    return 1;
  }
}
