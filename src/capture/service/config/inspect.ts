import { readFile } from 'node:fs/promises';
import type { Problem } from '../../../config/problem.ts';
import type { PlacedProblem } from '../../../config/structured/document.ts';
import { explain } from '../../../lib/errors.ts';
import { tlsOptions } from '../../../redis/options-tls.ts';
import type { Inspected } from '../../source.ts';
import { type CaptureConfig, placedIn } from './load.ts';
import type { Written } from './written.ts';

/** Says what is wrong with the pumps of this process. */
export type InspectPumps = (config: CaptureConfig, source: string) => Promise<readonly Problem[]>;

/**
 * What is wrong with all that a configuration leads to: files of sources and what they name, files of the storage, pumps. What a
 * start would refuse, without starting anything; but for what only a start can know: whether a port is free, and whether Redis is there.
 */
export async function inspectCapture(
  config: CaptureConfig,
  { source, locate }: Pick<Written, 'source' | 'locate'>,
  inspectPumps: InspectPumps,
): Promise<readonly PlacedProblem[]> {
  const hasRedis = config.storage.kind === 'redis';
  const problems: Problem[] = [...(await storageProblems(config, source))];
  if (!hasRedis) problems.push(...(await inspectPumps(config, source)));
  return [
    ...(await inspectSources(config.sources, { source, locate }, { hasRedis })),
    ...problems.map((problem) => placedIn(problem, source, locate)),
  ];
}

/** What is wrong with the files of these sources. */
export async function inspectSources(
  sources: CaptureConfig['sources'],
  { source, locate }: Pick<Written, 'source' | 'locate'>,
  about: Inspected,
): Promise<readonly PlacedProblem[]> {
  const problems: PlacedProblem[] = [];
  for (const each of sources)
    for (const problem of await each.source.inspect(about))
      problems.push(placedIn(problem, source, locate));
  return problems;
}

async function storageProblems(
  { storage }: CaptureConfig,
  source: string,
): Promise<readonly Problem[]> {
  if (storage.kind !== 'redis' || storage.redis.tls === undefined) return [];
  try {
    await tlsOptions(storage.redis.tls, readFile);
    return [];
  } catch (error) {
    const expected = 'files that TLS to Redis can use';
    return [{ source, key: 'storage', found: explain(error), expected, severity: 'error' }];
  }
}
