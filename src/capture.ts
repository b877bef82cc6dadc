#!/usr/bin/env node
/**
 * The process edge of `sluice capture`: arguments, environment, signals, standard streams, exit code; and who introduces the
 * sources to the kit. A program of its own, with a bundle of its own: the pump's has nothing of it, and hands over to it.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { commandNames, findCommand, findSource, sourceTypes } from '../sources/index.ts';
import { captureHelp, parseCapture, sourceHelp } from './capture/service/command-line.ts';
import { asVariables, byFileFlag, type FileFlags } from './capture/service/config/file-flags.ts';
import { byFlag, writtenByFlags } from './capture/service/config/from-flags.ts';
import {
  type InspectPumps,
  inspectCapture,
  inspectSources,
} from './capture/service/config/inspect.ts';
import {
  type CaptureConfig,
  type LoadedCapture,
  loadCapture,
} from './capture/service/config/load.ts';
import { readCaptureFile, type Written } from './capture/service/config/written.ts';
import {
  type Feed,
  runCapture,
  type ServiceParts,
  type WorkerPart,
} from './capture/service/service.ts';
import {
  forkWorker,
  isWorker,
  talkToFirst,
  workerIndex,
} from './capture/service/workers/cluster.ts';
import { runWorkers } from './capture/service/workers/run-workers.ts';
import { createWorker } from './capture/service/workers/worker.ts';
import { placed, shownLine } from './config/places.ts';
import { formatNote, formatProblem } from './config/problem.ts';
import { systemClock } from './lib/clock.ts';
import { explain } from './lib/errors.ts';
import type { Log } from './lib/log.ts';
import { Secrets } from './lib/mask.ts';
import type { Metrics } from './lib/metrics.ts';
import { millis } from './lib/units.ts';
import { harmless } from './lib/visible.ts';
import { Ending } from './process/ending.ts';
import { Speech } from './process/speech.ts';
import { putTo } from './process/streams.ts';
import { readVersion } from './process/version.ts';
import { beginRedis } from './redis/connect.ts';
import { createLog, type LogLevel, type LogOptions } from './telemetry/log.ts';
import { createDroppedLines, LogOutlet } from './telemetry/log-outlet.ts';
import { createMetrics, type ExposedMetrics } from './telemetry/metrics.ts';
import { OutputPipe } from './telemetry/output-pipe.ts';

/** Of log lines that nobody takes. */
const logBound = 1024 * 1024;
/** Beyond `shutdown_timeout`, for workers to end; they need some of it themselves. */
const workersOvertime = 2000;
const outlet = new LogOutlet({ put: putTo(process.stderr), bound: logBound });
const output = new OutputPipe(putTo(process.stdout), systemClock);
const speech = new Speech();
/** A reload may change it. */
const level: { current: LogLevel } = { current: 'info' };
const secrets = new Secrets();
const { mask } = secrets;
const ending = new Ending(outlet, mask);
const readText = (file: string): Promise<string> => readFile(file, 'utf8');
const life = `${hostname().slice(0, 40)}-${process.pid}-${randomBytes(4).toString('hex')}`;

async function main(argv: readonly string[]): Promise<number> {
  ending.watchSignals();
  ending.exitOnBug();
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const command = parseCapture(argv, { types: sourceTypes, commands: commandNames });
  switch (command.kind) {
    case 'usage':
      process.stderr.write(`sluice capture: ${harmless(command.message)}\n`);
      return 2;
    case 'help':
      print(captureHelp(await all(sourceTypes, findSource), await all(commandNames, findCommand)));
      return 0;
    case 'version':
      print(`sluice capture v${await readVersion()}\n`);
      return 0;
    case 'command': {
      const kind = await findCommand(command.name);
      if (kind === undefined) return 2;
      return kind.run(command.argv, { print, log: startLog('info', 'text') });
    }
    case 'source': {
      const kind = await findSource(command.type);
      if (kind === undefined) return 2;
      const written = writtenByFlags(kind, command.argv);
      if (written.wantsHelp) {
        print(sourceHelp(kind));
        return 0;
      }
      return run(await load(written));
    }
    case 'file': {
      const { flags, checks } = command;
      const written = await readCaptureFile(flags.path, readText);
      const loaded = await load(written, flags);
      return checks ? validate(written, loaded) : run(loaded, flags);
    }
    default:
      return command satisfies never;
  }
}

/** `flags`: what stands beside a file. */
async function load(written: Written, flags?: FileFlags): Promise<LoadedCapture> {
  const said = flags === undefined ? {} : asVariables(flags);
  const loaded = await loadCapture(written, {
    ...{ env: { ...process.env, ...said }, readFile: readText, findSource, types: sourceTypes },
  });
  secrets.learn(loaded.secrets);
  if (flags === undefined) return { ...loaded, problems: loaded.problems.map(byFlag) };
  return {
    ...loaded,
    problems: loaded.problems.map((problem) => byFileFlag(problem, flags)),
    notes: loaded.notes.map((note) => byFileFlag(note, flags)),
  };
}

/** Every problem with its line, and whether it could start. */
async function validate(
  written: Written,
  { config, problems: found, notes }: LoadedCapture,
): Promise<number> {
  const problems =
    config === undefined
      ? found
      : [...found, ...(await inspectCapture(config, written, inspectFeed))];
  for (const problem of problems)
    for (const line of [
      `${problem.severity}: ${formatProblem(placed(problem, problem.at))}`,
      ...shownLine(problem.at),
    ])
      print(`${line}\n`);
  for (const note of notes) print(`note: ${formatNote(note)}\n`);
  const isBroken = config === undefined || problems.some(({ severity }) => severity === 'error');
  print(isBroken ? 'not ok\n' : 'ok\n');
  return isBroken ? 1 : 0;
}

/** `flags`: which configuration is to be read again at SIGHUP. */
async function run(
  { config, problems, notes, logFormat }: LoadedCapture,
  flags?: FileFlags,
): Promise<number> {
  ending.serve();
  speech.hearAll();
  const log = startLog(config?.options.log_level ?? 'info', logFormat);
  // A worker has the configuration of the first process, which has said this.
  for (const problem of isWorker() ? [] : problems)
    log[problem.severity === 'error' ? 'error' : 'warn'](
      {},
      formatProblem(placed(problem, problem.at)),
    );
  for (const note of isWorker() ? [] : notes) log.info({}, formatNote(note));
  if (config === undefined) {
    log.error({}, 'Capturing cannot start with this configuration.');
    return 1;
  }
  const workers = isWorker() ? 1 : config.options.workers;
  ending.allow(config.options.shutdown_timeout + (workers > 1 ? workersOvertime : 0));
  const metrics = createMetrics({ version: await readVersion() });
  outlet.countInto(createDroppedLines(metrics));
  const onHangUp = (act: () => void): void => ending.onHangUp(act);
  try {
    if (config.options.workers > 1 && !isWorker())
      return await runWorkers(
        {
          ...{ count: config.options.workers, fork: forkWorker, log, metrics, mask, onHangUp },
          ...{ clock: systemClock, listen: config.options.admin.listen },
          stopTime: millis(config.options.shutdown_timeout + workersOvertime),
        },
        ending.stop,
      );
    return await runCapture(
      {
        ...{ config, clock: systemClock, log, mask, metrics, life },
        connect: (redis) => beginRedis(redis, { log }, ending.stop),
        openFeed: (of) => openFeed(of, log, metrics),
        onHangUp,
        ...(flags === undefined ? {} : rereading(flags, config.storage.kind === 'redis')),
        setLogLevel: (said) => {
          level.current = said;
        },
        worker: isWorker() ? asWorker(metrics) : undefined,
      },
      ending.stop,
    );
  } catch (error) {
    log.error({}, explain(error));
    return 1;
  }
}

/** How the configuration is read again, and the files that sources have by it. */
function rereading(flags: FileFlags, hasRedis: boolean): Pick<ServiceParts, 'reread' | 'inspect'> {
  let written: Written | undefined;
  return {
    async reread() {
      written = await readCaptureFile(flags.path, readText);
      return load(written, flags);
    },
    inspect: async (sources) =>
      written === undefined ? [] : inspectSources(sources, written, { hasRedis }),
  };
}

/** This process is one of several; the first one says when it is to stop. */
function asWorker(metrics: ExposedMetrics): WorkerPart {
  const worker = createWorker({
    ...{ index: workerIndex(process.env), metrics, send: (message) => send(message) },
    reload: () => ending.hangUp(),
    stop: () => ending.askToStop('the first process'),
  });
  const send = talkToFirst(
    process,
    (message) => worker.hear(message),
    () => ending.askToStop('the end of the first process'),
  );
  return worker.part;
}

const inspectFeed: InspectPumps = async (config, source) => {
  const [feed, pumps] = await Promise.all([
    import('./capture/service/feed.ts'),
    import('../pumps/index.ts'),
  ]);
  const { findPump, pumpTypes } = pumps;
  return feed.inspectPumps(config, { env: process.env, findPump, pumpTypes, source });
};

/** Pumps and what delivers to them are loaded where somebody wants them here. */
async function openFeed(config: CaptureConfig, log: Log, metrics: Metrics): Promise<Feed> {
  const [feed, pumps] = await Promise.all([
    import('./capture/service/feed.ts'),
    import('../pumps/index.ts'),
  ]);
  return feed.openFeed(config, {
    ...{ env: process.env, findPump: pumps.findPump, pumpTypes: pumps.pumpTypes, log, metrics },
    source: 'pumps',
    ...{ clock: systemClock, processId: process.pid, writeOutput: output.write },
    logTaken: (signal) => outlet.taken(signal),
    learn: (texts) => secrets.learn(texts),
  });
}

function print(text: string): void {
  process.stdout.write(harmless(mask(text)));
}

/** The log of this process, which from here on also says how it ends. */
function startLog(at: LogLevel, format: LogOptions['format']): Log {
  level.current = at;
  const plain = createLog({ level, format, write: outlet.write, mask, clock: systemClock });
  const log = plain.child({
    prefix: 'capture',
    ...(isWorker() ? { worker: workerIndex(process.env) } : {}),
  });
  outlet.onDropped((lines) => log.warn({ lines }, 'Log lines are missing here: nobody took them.'));
  ending.sayTo(plain);
  speech.sayTo(plain);
  return log;
}

async function all<T>(
  names: readonly string[],
  find: (name: string) => Promise<T | undefined>,
): Promise<readonly T[]> {
  const found = await Promise.all(names.map(find));
  return found.filter((each) => each !== undefined);
}

// Last, when every constant above has its value.
const code = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`sluice: error: ${harmless(mask(explain(error)))}\n`);
  return 1;
});
await ending.leave(code);
