/**
 * The edge of a worker thread: reads the same configuration as the main thread did, from the texts it has read, and runs
 * its share of the routes.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { findPump } from '../pumps/index.ts';
import type { WorkerBoot } from './app/workers/boot.ts';
import { replay } from './app/workers/boot.ts';
import { runThread } from './app/workers/thread.ts';
import { loadConfig } from './config/load.ts';
import { systemClock } from './lib/clock.ts';
import { ContractError } from './lib/errors.ts';
import { Secrets } from './lib/mask.ts';
import { checkPumps } from './pump/check-pumps.ts';
import { createLog } from './telemetry/log.ts';

if (parentPort === null) throw new ContractError('a worker has no main thread');
const port = parentPort;
const boot = workerData as WorkerBoot;
const {
  config,
  pumps: entries,
  secrets: own,
} = await loadConfig({ ...boot.load, readFile: replay(boot.files) });
if (config === undefined) throw new ContractError('a worker reads the configuration otherwise');
const { usable, secrets: ofPumps } = await checkPumps(entries, findPump);
const secrets = new Secrets();
secrets.learn([...own, ...ofPumps]);
const { mask } = secrets;
const write = (line: string): void => port.postMessage({ kind: 'log', line });
const { format } = config.log;
await runThread({
  ...boot,
  config,
  pumps: usable,
  clock: systemClock,
  log: createLog({ level: boot.logLevel, format, write, mask, clock: systemClock }),
  mask,
  port,
});
