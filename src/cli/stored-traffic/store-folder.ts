import { formatProblem } from '../../config/problem.ts';
import { checkPumps, type FindPump } from '../../pump/check-pumps.ts';
import { type CommandContext, loadOrSay } from '../command-context.ts';
import type { TrafficFlags } from '../command-line/command.ts';

export type FoundFolder = { readonly folder: string } | { readonly problem: string };

/** What was said, or the folder of the one pump that keeps traffic. Problems of the configuration have been said. */
export async function storeFolder(
  { folder, conf }: Pick<TrafficFlags, 'folder' | 'conf'>,
  context: CommandContext,
  findPump: FindPump,
): Promise<FoundFolder> {
  if (folder !== '') return { folder };
  const config = await loadOrSay(conf, context);
  if (config === undefined)
    return { problem: 'the configuration has errors; --folder names a store without it' };
  const entries = config.pumps.filter(({ type }) => type === 'traffic');
  const [entry, ...others] = entries;
  if (entry === undefined)
    return {
      problem: `${conf} has no pump of the type traffic; --folder names a store without it`,
    };
  if (others.length > 0)
    return {
      problem: `${conf} has several pumps of the type traffic; choose a store with --folder`,
    };
  const checked = await checkPumps([entry], findPump);
  for (const problem of [...checked.problems, ...checked.leftOut])
    if (problem.severity === 'error') return { problem: formatProblem(problem) };
  const said = checked.usable[0]?.values.find(({ key }) => key.endsWith('.folder'))?.value;
  return typeof said === 'string'
    ? { folder: said }
    : { problem: `the pump ${entry.name} says no folder` };
}
