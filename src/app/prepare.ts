import type { PumpEntry } from '../config/config.ts';
import { formatNote, formatProblem } from '../config/problem.ts';
import { reviewRules } from '../edit/review-rules.ts';
import { StartError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { CheckedPump, CheckedPumps } from '../pump/check-pumps.ts';
import { type ReviewTools, reviewPumps } from '../pump/review-pumps.ts';

export const brokenConfig = 'The configuration has errors; nothing was taken from Redis.';

/** Everything that can be said of the pumps and their rules before they are opened. */
export async function reviewEntries(
  entries: readonly PumpEntry[],
  tools: ReviewTools,
): Promise<CheckedPumps> {
  const reviewed = await reviewPumps(entries, tools);
  return { ...reviewed, problems: [...reviewed.problems, ...(await reviewRules(entries))] };
}

/** Checks every pump and says every problem; throws a StartError where the start has to end. */
export async function preparePumps(
  entries: readonly PumpEntry[],
  { log, ...tools }: ReviewTools & { readonly log: Log },
): Promise<readonly CheckedPump[]> {
  const { usable, notes, leftOut, problems } = await reviewEntries(entries, tools);
  for (const problem of leftOut) log.error({}, formatProblem(problem));
  for (const problem of problems)
    log[problem.severity === 'error' ? 'error' : 'warn']({}, formatProblem(problem));
  for (const note of notes) log.info({}, formatNote(note));
  if (problems.some(({ severity }) => severity === 'error')) throw new StartError(brokenConfig);
  const isOfCalls = ({ records }: PumpEntry): boolean => records === 'analytics';
  const lacksCalls = entries.some(isOfCalls) && !usable.some(({ entry }) => isOfCalls(entry));
  if (usable.length === 0 || lacksCalls) throw new StartError('No pumps configured');
  return usable;
}
