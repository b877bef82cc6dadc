/**
 * The edge of a worker thread: reads the same configuration as the main thread did, from the texts it has read, and runs
 * its share of the routes.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { findPump as findInTree } from '../pumps/index.ts';
import type { WorkerBoot } from './app/workers/boot.ts';
import type { ConfigTexts } from './app/workers/config-texts.ts';
import { readBoot } from './app/workers/read-boot.ts';
import { runThread } from './app/workers/thread.ts';
import { systemClock } from './lib/clock.ts';
import { ContractError } from './lib/errors.ts';
import { Secrets } from './lib/mask.ts';
import { nodeModules } from './plugins/node-modules.ts';
import { withPlugins } from './plugins/plugins.ts';
import { createLog } from './telemetry/log.ts';
import type { Ear } from './telemetry/said-line.ts';

if (parentPort === null) throw new ContractError('a worker has no main thread');
const port = parentPort;
const boot = workerData as WorkerBoot;
const findPump = withPlugins({
  findPump: findInTree,
  taken: boot.load.types,
  modules: nodeModules(import.meta.url),
  clock: systemClock,
  located: boot.texts.located,
});
const secrets = new Secrets();
const { mask } = secrets;
const level = { current: boot.logLevel };
const read = (texts: ConfigTexts) => {
  for (const [type, place] of texts.located) boot.texts.located.set(type, place);
  return readBoot({ ...boot, texts }, { findPump, secrets });
};
const { config, pumps } = await read(boot.texts);
const write = (line: string): void => port.postMessage({ kind: 'log', line });
const { format } = config.log;
const ear: Ear = {
  hear:
    config.telemetry?.logs === undefined
      ? undefined
      : (line) => port.postMessage({ kind: 'said', line }),
};
await runThread({
  ...boot,
  config,
  pumps,
  clock: systemClock,
  log: createLog({ level, format, write, mask, clock: systemClock, ear }),
  mask,
  port,
  async readAgain(texts, logLevel) {
    const again = await read(texts);
    level.current = logLevel;
    return again;
  },
});
