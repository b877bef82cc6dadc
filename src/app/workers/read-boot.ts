import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { formatProblem } from '../../config/problem.ts';
import { ContractError, StartError } from '../../lib/errors.ts';
import type { Secrets } from '../../lib/mask.ts';
import { type CheckedPump, checkPumps, type FindPump } from '../../pump/check-pumps.ts';
import { inForce } from '../reload/takes-effect.ts';
import { replay, type WorkerBoot } from './boot.ts';

export interface ReadBoot {
  readonly config: Config;
  readonly pumps: readonly CheckedPump[];
}

/** The configuration as the main thread has it, parsed anew from the texts that one has read. */
export async function readBoot(
  { load, texts }: Pick<WorkerBoot, 'load' | 'texts'>,
  { findPump, secrets }: { readonly findPump: FindPump; readonly secrets: Secrets },
): Promise<ReadBoot> {
  const { files, atStart } = texts;
  const read = await loadConfig({ ...load, readFile: replay(files) });
  const first = atStart && (await loadConfig({ ...load, readFile: replay(atStart) }));
  const { config } = read;
  if (config === undefined || (first !== undefined && first.config === undefined))
    throw new ContractError('a worker reads the configuration otherwise');
  const { usable, secrets: ofPumps, problems } = await checkPumps(read.pumps, findPump);
  secrets.learn([...read.secrets, ...ofPumps]);
  const { mask } = secrets;
  // A pump from outside may have changed since; without it its routes would stand still in silence.
  const failed = problems.find(({ severity }) => severity === 'error');
  if (failed !== undefined) throw new StartError(mask(formatProblem(failed)));
  return {
    config: first?.config === undefined ? config : inForce(first.config, config),
    pumps: usable,
  };
}
