#!/usr/bin/env node
/**
 * The process edge: arguments, environment, signals, standard streams, exit code. Only it and src/process touch them. Its
 * length is that of the list of commands.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism, hostname, userInfo } from 'node:os';
import { Worker } from 'node:worker_threads';
import { findPump as findInTree, pumpTypes } from '../pumps/index.ts';
import { runApp } from './app/app.ts';
import type { AppParts } from './app/parts.ts';
import { brokenConfig, preparePumps } from './app/prepare.ts';
import { type Reading, readTextFile, rereading } from './app/reload/reading.ts';
import { listen, startTelemetry } from './app/start-telemetry.ts';
import { recorder, type WorkerBoot } from './app/workers/boot.ts';
import type { ConfigTexts } from './app/workers/config-texts.ts';
import type { WorkerTask } from './app/workers/messages.ts';
import { coloured, hasColours } from './cli/colours.ts';
import type { CommandContext, Output } from './cli/command-context.ts';
import type { Command } from './cli/command-line/command.ts';
import { help } from './cli/command-line/help.ts';
import { parseCommandLine } from './cli/command-line/parse-command-line.ts';
import { demoHours, demoOptions } from './cli/demo.ts';
import type { ProcessTools } from './cli/perform.ts';
import type { Config, RedisConfig } from './config/config.ts';
import { type EffectiveValue, effectiveConfig } from './config/effective.ts';
import { loadConfig } from './config/load.ts';
import { formatNote, formatProblem } from './config/problem.ts';
import { formatOf } from './config/tyk/log.ts';
import { tykPumpTypes } from './config/tyk/pump-types.ts';
import { systemClock } from './lib/clock.ts';
import { explain, StartError } from './lib/errors.ts';
import { type Log, silentLog } from './lib/log.ts';
import { Secrets } from './lib/mask.ts';
import { harmless } from './lib/visible.ts';
import { nodeModules } from './plugins/node-modules.ts';
import { withPlugins } from './plugins/plugins.ts';
import { Ending } from './process/ending.ts';
import { readMachine } from './process/machine.ts';
import { confirm, screen, unread } from './process/person.ts';
import { Speech } from './process/speech.ts';
import { putTo } from './process/streams.ts';
import { readVersion } from './process/version.ts';
import { type CheckedPump, checkPumps } from './pump/check-pumps.ts';
import { encodeMsgpack } from './record/encode/msgpack.ts';
import { hasZone } from './record/time/zone.ts';
import { connectSoon } from './redis/connect-soon.ts';
import { createLog, type LogOptions } from './telemetry/log.ts';
import { createDroppedLines, LogOutlet } from './telemetry/log-outlet.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { OutputPipe } from './telemetry/output-pipe.ts';
import type { Ear } from './telemetry/said-line.ts';

/** Of log lines that nobody takes. */
const logBound = 1024 * 1024;
/** For a command to finish what it is doing, after a signal. */
const commandTime = 10_000;
const outlet = new LogOutlet({ put: putTo(process.stderr), bound: logBound });
const output = new OutputPipe(putTo(process.stdout), systemClock);
const speech = new Speech();
/** Names this process in every consumer group, with its pid and a random part. */
const host = hostname().slice(0, 40);
/** What nothing that leaves this process may show: log lines, pages, dead letters' reasons, what commands print. */
const secrets = new Secrets();
const { mask } = secrets;
const ending = new Ending(outlet, mask);
/** Workers are given what has been read. */
const { readFile: readText, files: atStart } = recorder(readTextFile);
const types: readonly string[] = [...tykPumpTypes, ...pumpTypes];
/** Workers are told which modules were found. */
const located: ConfigTexts['located'] = new Map();
const findPump = withPlugins({
  findPump: findInTree,
  taken: types,
  modules: nodeModules(import.meta.url),
  clock: systemClock,
  located,
});

async function main(argv: readonly string[]): Promise<number> {
  const command = parseCommandLine(argv, process.env);
  if (command.kind === 'capture') return handOver();
  ending.watchSignals();
  ending.exitOnBug();
  // A closed pipe is the reader's right; the stdout pump hears of it by its own writes.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  if (command.kind === 'run') {
    ending.serve();
    // Until the configuration says in which format.
    ending.sayTo(aLog('info', formatOf(process.env)));
    speech.hearAll();
  } else ending.allow(commandTime);
  switch (command.kind) {
    case 'usage':
      process.stderr.write(`${command.message}\n`);
      return 1;
    case 'help':
      process.stdout.write(help(command.of));
      return 0;
    case 'version':
      process.stdout.write(`sluice v${await readVersion()}\n`);
      return 0;
    case 'run':
      return run(command);
    case 'live': {
      const { live } = await import('./cli/live.ts');
      return live(command, { ...context(), load: loadOwn });
    }
    default: {
      const { perform } = await import('./cli/perform.ts');
      return perform(command, context(), processTools());
    }
  }
}

/** `sluice capture` is a program of its own beside this one, which takes the process over and ends it. */
async function handOver(): Promise<number> {
  process.argv.splice(2, 1);
  // No text that a bundler follows: nothing of that program is in this one.
  try {
    await import(import.meta.url.replace(/main(?=\.[jt]s$)/, 'capture'));
    return 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    process.stderr.write(
      'sluice: error: this installation has no program that captures; the image target sluice-capture and the package have it\n',
    );
    return 1;
  }
}

async function run({ flags }: Extract<Command, { kind: 'run' }>): Promise<number> {
  const loaded = await load(flags.conf).catch((error: unknown) => {
    startLog('info', formatOf(process.env)).error({ prefix: 'main' }, explain(error));
  });
  if (loaded === undefined) return 1;
  const { config, logFormat: format, pumps: entries, problems, notes, sections, locate } = loaded;
  const reading: Reading = {
    path: flags.conf,
    isDebug: flags.debug,
    level: { current: flags.debug ? 'debug' : (config?.log.level ?? 'info') },
    texts: { files: atStart, atStart: undefined, located },
    seen: atStart,
  };
  const { level } = reading;
  const ear: Ear = { hear: undefined };
  const tell = listen(ear, config);
  const log = startLog(level, format, ear);
  if (config !== undefined) ending.allow(config.delivery.shutdownTimeout);
  for (const problem of problems)
    log[problem.severity === 'error' ? 'error' : 'warn'](
      { prefix: 'main' },
      formatProblem(problem),
    );
  for (const note of notes) log.info({ prefix: 'main' }, formatNote(note));
  try {
    const pumps = await preparePumps(entries, { findPump, admin: config?.health, log });
    if (config === undefined) throw new StartError(brokenConfig);
    const effective = effectiveConfig({ path: flags.conf, sections, locate, pumps });
    const version = await readVersion();
    const metrics = createMetrics({ version });
    const consumer = lifeName();
    const telemetry = await startTelemetry({
      ...{ config, version, instance: consumer, host, clock: systemClock, mask, metrics },
      log: aLog(level, format),
    });
    tell(telemetry);
    const life = { version, metrics, consumer, telemetry };
    try {
      const parts = appParts({ config, pumps, effective, log, flags, reading, life });
      return await runApp(parts, ending.stop);
    } finally {
      await telemetry?.close();
    }
  } catch (error) {
    log.error({ prefix: 'main' }, explain(error));
    return 1;
  }
}

function appParts(given: {
  readonly config: Config;
  readonly pumps: readonly CheckedPump[];
  readonly effective: readonly EffectiveValue[];
  readonly log: Log;
  readonly flags: Extract<Command, { kind: 'run' }>['flags'];
  readonly reading: Reading;
  readonly life: Pick<AppParts, 'version' | 'metrics' | 'consumer' | 'telemetry'>;
}): AppParts {
  const { config, pumps, effective, log, flags, reading, life } = given;
  const { metrics } = life;
  const demo = demoOptions(flags, process.env);
  outlet.countInto(createDroppedLines(metrics));
  return {
    config,
    // What is generated are calls.
    pumps: demo === undefined ? pumps : pumps.filter(({ entry }) => entry.records === 'analytics'),
    effective,
    clock: systemClock,
    log,
    mask,
    ...life,
    host,
    processId: process.pid,
    cores: availableParallelism(),
    consoleFolder: new URL('./console/', import.meta.url),
    spawn: (task) => spawn(task, reading),
    rereading: demo === undefined ? rereading(reading, rereadingTools) : undefined,
    onHangUp: (act) => ending.onHangUp(act),
    writeLog: outlet.write,
    ...ways,
    feed: demo === undefined ? undefined : encoded(demoHours(demo, systemClock)),
  };
}

function* encoded(hours: ReturnType<typeof demoHours>): Generator<readonly Buffer[]> {
  for (const records of hours) yield records.map((fields) => encodeMsgpack(fields));
}

/** Of a type there is. Beside this file, in the source as in what is built. */
const readExample = (type: string): Promise<string> =>
  readFile(new URL(`../pumps/${type}/example.json`, import.meta.url), 'utf8');

/** Reads the configuration, and learns the secrets in it before anything is said of it. */
async function load(path: string): ReturnType<typeof loadConfig> {
  const loaded = await loadOwn(path);
  secrets.learn((await checkPumps(loaded.pumps, findPump)).secrets);
  return loaded;
}

/** Loads no pump: for what asks nothing about them, again and again. */
async function loadOwn(path: string): ReturnType<typeof loadConfig> {
  const loaded = await loadConfig({ path, env: process.env, readFile: readText, types });
  secrets.learn(loaded.secrets);
  return loaded;
}

const lifeName = (): string => `${host}-${process.pid}-${randomBytes(4).toString('hex')}`;

/** For the logs of those who take up what a command wants. */
function whoRuns(): string {
  try {
    return `${userInfo().username}@${host}`;
  } catch {
    // A container's user that has no name there.
    return `${process.getuid?.() ?? 'unknown'}@${host}`;
  }
}

const connect = (config: RedisConfig, signal: AbortSignal) =>
  connectSoon(config, { log: silentLog }, signal);

/** What reading it once more takes of this process. */
const rereadingTools = {
  ...{ env: process.env, types, findPump, atStart },
  learn: (texts: Iterable<string>) => secrets.learn(texts),
  allow: (time: number) => ending.allow(time),
};

function spawn(task: WorkerTask, { path, level, texts }: Reading): Worker {
  // Beside this file, in the source as in what is built.
  const entry = new URL(import.meta.url.replace(/main(?=\.[jt]s$)/, 'worker'));
  const load = { path, env: { ...process.env }, types };
  const logLevel = level.current;
  const boot: WorkerBoot = { task, load, texts, logLevel, host, processId: process.pid };
  const name = `worker ${task.worker}`;
  const worker = new Worker(entry, { workerData: boot, name, stdout: true, stderr: true });
  speech.hearThread(task.worker, [worker.stdout, worker.stderr]);
  return ending.watch(worker);
}

/** What the stdout pump writes to. */
const ways = {
  writeOutput: output.write,
  logTaken: (signal: AbortSignal): Promise<void> => outlet.taken(signal),
};

const aLog = (level: LogOptions['level'], format: LogOptions['format'], ear?: Ear): Log =>
  createLog({ level, format, write: outlet.write, mask, clock: systemClock, ear });

/** The log of this process, which from here on also says how it ends. */
function startLog(level: LogOptions['level'], format: LogOptions['format'], ear?: Ear): Log {
  const log = aLog(level, format, ear);
  outlet.onDropped((lines) =>
    log.warn({ prefix: 'main', lines }, 'Log lines are missing here: nobody took them.'),
  );
  ending.sayTo(log);
  speech.sayTo(log);
  return log;
}

/** What commands use of this process. */
const processTools = (): ProcessTools => ({
  ...{ ...ways, findPump, findInTree, types: pumpTypes, connect, host, mask, readExample },
  confirm: (question) => confirm(harmless(mask(question)), ending.stop),
  ...{ who: whoRuns(), instance: lifeName(), processId: process.pid, env: process.env },
  readFile: readTextFile,
  learn: (texts) => secrets.learn(texts),
  machine: async () => ({ ...(await readMachine()), knowsZone: hasZone }),
  askReceiver: async (...of) =>
    (await import('./telemetry/otlp/ask-receiver.ts')).askReceiver(...of),
  startLog: () => startLog('info', 'text'),
  // For what is harmless already: each cell of it went through `visible`.
  tapping: () => ({
    writePainted: (text) => void process.stdout.write(mask(text)),
    hasColours: hasColours(process.stdout, process.env),
    unread: unread(),
  }),
  watching: () => {
    const { isUtf8, ...rest } = screen();
    return { ...rest, look: { isUtf8, hasColours: hasColours(process.stdout, process.env) } };
  },
});

const context = (): CommandContext => ({
  stdout: safeOutput(process.stdout),
  stderr: safeOutput(process.stderr),
  clock: systemClock,
  signal: ending.stop,
  load,
});

/** What commands print: no secret, and nothing that steers a terminal but our own colours. */
const safeOutput = (stream: NodeJS.WriteStream): Output => {
  const paint = hasColours(stream, process.env) ? coloured : (text: string): string => text;
  return {
    write: (text) => stream.write(paint(harmless(mask(text)))),
    isTTY: stream.isTTY,
    columns: stream.columns,
  };
};

// Last, when every constant above has its value.
const code = await main(process.argv.slice(2)).catch((error: unknown) => {
  // As Node prints it an error has all its fields, those of the Redis library with the password among them.
  process.stderr.write(`sluice: error: ${harmless(mask(explain(error)))}\n`);
  return 1;
});
await ending.leave(code);
