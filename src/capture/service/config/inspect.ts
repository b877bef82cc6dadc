import { readFile } from 'node:fs/promises';
import type { Problem } from '../../../config/problem.ts';
import type { PlacedProblem } from '../../../config/structured/document.ts';
import { explain } from '../../../lib/errors.ts';
import { tlsOptions } from '../../../redis/options-tls.ts';
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
  const problems: Problem[] = [];
  for (const each of config.sources) problems.push(...(await each.source.inspect({ hasRedis })));
  problems.push(...(await storageProblems(config, source)));
  if (!hasRedis) problems.push(...(await inspectPumps(config, source)));
  return problems.map((problem) => placedIn(problem, source, locate));
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
