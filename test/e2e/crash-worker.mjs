/**
 * Loaded into every thread by `--import`: does to worker 1 what the file CRASH_FILE says, once. From outside a thread
 * cannot be killed alone.
 */
import { readFileSync, rmSync } from 'node:fs';
import { isMainThread, workerData } from 'node:worker_threads';

const file = process.env['CRASH_FILE'];
const ways = {
  throw() {
    throw new Error('a bug of a test');
  },
  exit() {
    process.exit(3);
  },
  memory() {
    const kept = [];
    for (;;) kept.push(new Array(100_000).fill({ at: kept.length }));
  },
  hang() {
    for (;;);
  },
};

if (!isMainThread && workerData?.task?.worker === 1 && file !== undefined)
  setInterval(() => {
    let way;
    try {
      way = readFileSync(file, 'utf8');
      rmSync(file);
    } catch {
      return;
    }
    ways[way]();
  }, 20).unref();
