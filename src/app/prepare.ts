import type { PumpEntry } from '../config/config.ts';
import { formatProblem, type Problem } from '../config/problem.ts';
import { StartError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { PreparedPump, Pump } from '../pump/define-pump.ts';

/** What became of looking for a pump by its type. */
export type FindPump = (
  type: string,
) => Promise<
  | { readonly outcome: 'found'; readonly pump: Pump }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'unknown' }
>;

/** A configured pump, checked: what a route is made of. */
export interface PreparedRoute {
  readonly entry: PumpEntry;
  readonly kind: Pump;
  readonly pump: PreparedPump;
}

/** Every entry, checked by its pump; all problems at once. */
export async function checkPumps(
  entries: readonly PumpEntry[],
  findPump: FindPump,
): Promise<{ readonly routes: readonly PreparedRoute[]; readonly problems: readonly Problem[] }> {
  const routes: PreparedRoute[] = [];
  const problems: Problem[] = [];
  for (const entry of entries) {
    const found = await findPump(entry.type);
    if (found.outcome !== 'found') {
      problems.push(unusableType(entry, found.outcome));
      continue;
    }
    const { meta } = entry;
    const envPrefix = meta.envPrefix === '' ? found.pump.envPrefix : meta.envPrefix;
    const prepared = found.pump.prepare({ ...meta, envPrefix });
    problems.push(...prepared.problems);
    if (prepared.pump !== undefined) routes.push({ entry, kind: found.pump, pump: prepared.pump });
  }
  return { routes, problems };
}

/** An entry whose type nobody knows is left out and the others run, so it is a warning to the start. */
function unusableType({ name, type, meta }: PumpEntry, outcome: 'missing' | 'unknown'): Problem {
  return {
    source: meta.source,
    key: `pumps.${name}.type`,
    found: `"${type}"`,
    expected:
      outcome === 'missing'
        ? 'a type this version has; Tyk Pump has this one, Sluice does not yet, so the pump is left out'
        : 'a known type; the pump is left out',
    severity: 'warning',
  };
}

/** Says every problem and note; throws a StartError where the start has to end. */
export async function prepareRoutes(
  entries: readonly PumpEntry[],
  { findPump, log }: { readonly findPump: FindPump; readonly log: Log },
): Promise<readonly PreparedRoute[]> {
  const { routes, problems } = await checkPumps(entries, findPump);
  for (const problem of problems) {
    const isType = problem.key.endsWith('.type') && problem.severity === 'warning';
    if (isType || problem.severity === 'error') log.error({}, formatProblem(problem));
    else log.warn({}, formatProblem(problem));
  }
  if (problems.some(({ severity }) => severity === 'error'))
    throw new StartError('The configuration has errors; nothing was taken from Redis.');
  if (routes.length === 0) throw new StartError('No pumps configured');
  return routes;
}
