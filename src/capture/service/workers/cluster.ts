/*
 * Workers by Node's cluster. Its first process holds the ports and hands out connections in turn, so that busy connections do
 * not gather in one worker. SO_REUSEPORT would spare that process, but Node 20 cannot set it, and with it connections that wait
 * for a worker that has died are lost.
 */
import cluster from 'node:cluster';
import { type FromWorker, type ToWorker, workerVariable } from './messages.ts';
import type { WorkerProcess } from './supervisor.ts';

export const isWorker = (): boolean => cluster.isWorker;

/** Of this process, a worker. */
export const workerIndex = (env: NodeJS.ProcessEnv): number => Number(env[workerVariable] ?? 0);

/** Starts this program once more, with the same arguments. */
export function forkWorker(index: number): WorkerProcess {
  // Metrics have values that JSON does not know.
  cluster.setupPrimary({ serialization: 'advanced' });
  const worker = cluster.fork({ [workerVariable]: String(index) });
  return {
    pid: worker.process.pid ?? 0,
    send(message) {
      if (worker.isConnected()) worker.send(message);
    },
    onMessage: (hear) => worker.on('message', (message: FromWorker) => hear(message)),
    onExit: (hear) => worker.once('exit', (code, signal) => hear({ code, signal })),
    kill: () => worker.process.kill('SIGKILL'),
  };
}

/** Of this process, a worker: what it says to the first one and hears of it. */
export function talkToFirst(
  own: NodeJS.Process,
  hear: (message: ToWorker) => void,
  firstHasGone: () => void,
): (message: FromWorker) => void {
  own.on('message', (message: ToWorker) => hear(message));
  // By itself cluster ends a worker at once whose first process has gone, with the records that wait in it.
  own.removeAllListeners('disconnect');
  own.once('disconnect', firstHasGone);
  return (message) => {
    if (own.connected) own.send?.(message);
  };
}
