import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { formatProblem } from '../../config/problem.ts';
import { ContractError, StartError } from '../../lib/errors.ts';
import { type Mask, Secrets } from '../../lib/mask.ts';
import { type CheckedPump, checkPumps, type FindPump } from '../../pump/check-pumps.ts';
import { replay, type WorkerBoot } from './boot.ts';

interface ReadBoot {
  readonly config: Config;
  readonly pumps: readonly CheckedPump[];
  readonly mask: Mask;
}

/** The configuration as the main thread has it, parsed anew from the texts that one has read. */
export async function readBoot(
  { load, files }: Pick<WorkerBoot, 'load' | 'files'>,
  findPump: FindPump,
): Promise<ReadBoot> {
  const read = await loadConfig({ ...load, readFile: replay(files) });
  if (read.config === undefined)
    throw new ContractError('a worker reads the configuration otherwise');
  const { usable, secrets: ofPumps, problems } = await checkPumps(read.pumps, findPump);
  const secrets = new Secrets();
  secrets.learn([...read.secrets, ...ofPumps]);
  const { mask } = secrets;
  // A pump from outside may have changed since; without it its routes would stand still in silence.
  const failed = problems.find(({ severity }) => severity === 'error');
  if (failed !== undefined) throw new StartError(mask(formatProblem(failed)));
  return { config: read.config, pumps: usable, mask };
}
