import { type EffectiveValue, effectiveConfig } from '../../config/effective.ts';
import { formatProblem } from '../../config/problem.ts';
import { checkPumps, type FindPump } from '../../pump/check-pumps.ts';
import { type CommandContext, loadOrSay } from '../command-context.ts';

/** The configuration in force; where it has errors, says each and gives undefined. */
export async function loadEffective(
  path: string,
  context: CommandContext,
  findPump: FindPump,
): Promise<readonly EffectiveValue[] | undefined> {
  const loaded = await context.load(path);
  const { sections = [], locate = () => undefined, pumps } = loaded;
  const again = { ...context, load: () => Promise.resolve(loaded) };
  if ((await loadOrSay(path, again)) === undefined) return undefined;
  const { usable, problems, leftOut } = await checkPumps(pumps, findPump);
  const errors = problems.filter(({ severity }) => severity === 'error');
  for (const problem of [...leftOut, ...errors])
    context.stderr.write(`error: ${formatProblem(problem)}\n`);
  return errors.length > 0 ? undefined : effectiveConfig({ path, sections, locate, pumps: usable });
}
