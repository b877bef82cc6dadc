import type { Worker } from 'node:worker_threads';
import type { Config } from '../config/config.ts';
import type { EffectiveValue } from '../config/effective.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Mask } from '../lib/mask.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';
import type { PumpContext } from '../pump/define-pump.ts';
import type { ExposedMetrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Rereading } from './reload/reloader.ts';
import type { WorkerTask } from './workers/messages.ts';

/** What the edge of the process gives the service. */
export interface AppParts {
  readonly config: Config;
  readonly pumps: readonly CheckedPump[];
  /** Every option with its value in force, and who said it. */
  readonly effective: readonly EffectiveValue[];
  readonly clock: Clock;
  readonly log: Log;
  /** Takes configured secrets out of what others wrote. */
  readonly mask: Mask;
  /** Takes the lines of workers, as they are. */
  readonly writeLog: (line: string) => void;
  readonly metrics: ExposedMetrics;
  /** Undefined: nobody is told of it. */
  readonly telemetry?: Telemetry | undefined;
  readonly version: string;
  /** Name of this process in every consumer group; unique per process life. */
  readonly consumer: string;
  /** Of this machine, for whoever looks at the spill folder. */
  readonly host: string;
  readonly processId: number;
  readonly cores: number;
  /** Starts a worker thread (src/worker.ts). */
  readonly spawn: (task: WorkerTask) => Worker;
  readonly writeOutput: PumpContext['writeOutput'];
  readonly logTaken: PumpContext['logTaken'];
  /** Where the console's files are. */
  readonly consoleFolder: URL;
  /** Undefined: the configuration is not read again. */
  readonly rereading: Rereading | undefined;
  /** What an operator's signal does; the last one asked for it. What came before there was somebody to hear it is told then. */
  readonly onHangUp: (act: () => void) => void;
  /** Demo mode: encoded records to deliver instead of those in Redis. */
  readonly feed: Iterable<readonly Buffer[]> | undefined;
}
