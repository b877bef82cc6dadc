#!/usr/bin/env node
/** The process edge: arguments, environment, signals, standard streams, exit code. The only file that touches them. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism, hostname } from 'node:os';
import { Worker } from 'node:worker_threads';
import { findPump, pumpTypes } from '../pumps/index.ts';
import { runApp } from './app/app.ts';
import { brokenConfig, preparePumps } from './app/prepare.ts';
import { recorder, type WorkerBoot } from './app/workers/boot.ts';
import { type Command, parseCommandLine } from './cli/args.ts';
import type { CommandContext, Output } from './cli/command-context.ts';
import { dead } from './cli/dead.ts';
import { demoHours, demoOptions } from './cli/demo.ts';
import { generate } from './cli/generate.ts';
import { help } from './cli/help.ts';
import { releaseAll } from './cli/release.ts';
import { type SpillCommand, spill } from './cli/spill.ts';
import { drain } from './cli/spill-drain.ts';
import { status } from './cli/status.ts';
import { validate } from './cli/validate.ts';
import type { Config, RedisConfig } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { formatNote, formatProblem } from './config/problem.ts';
import { tykPumpTypes } from './config/tyk/pump-types.ts';
import { systemClock } from './lib/clock.ts';
import { explain, StartError } from './lib/errors.ts';
import { type Log, silentLog } from './lib/log.ts';
import { Secrets } from './lib/mask.ts';
import { type CheckedPump, checkPumps } from './pump/check-pumps.ts';
import { encodeMsgpack } from './record/msgpack/encode.ts';
import { connectRedis } from './redis/connect.ts';
import { createLog, type LogLevel } from './telemetry/log.ts';
import { createMetrics } from './telemetry/metrics.ts';

const stopping = new AbortController();
/** Names this process in every consumer group, with its pid and a random part. */
const host = hostname().slice(0, 40);
/** What nothing that leaves this process may show: log lines, pages, dead letters' reasons, what commands print. */
const secrets = new Secrets();
const { mask } = secrets;
/** Workers are given what has been read. */
const { readFile: readText, files } = recorder((file) => readFile(file, 'utf8'));
const types: readonly string[] = [...tykPumpTypes, ...pumpTypes];

async function main(argv: readonly string[]): Promise<number> {
  watchSignals();
  // A closed pipe is the reader's right; the stdout pump hears of it by its own writes.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const command = parseCommandLine(argv);
  switch (command.kind) {
    case 'usage':
      process.stderr.write(`${command.message}\n`);
      return 1;
    case 'help':
      process.stdout.write(help(command.of));
      return 0;
    case 'version':
      process.stderr.write(`sluice v${await readVersion()}\n`);
      return 0;
    case 'run':
      return runService(command);
    case 'validate':
      return validate(command, context(), { findPump, connect });
    case 'generate':
      return generate(command, context(), { connect });
    case 'dead':
      return dead(command, context(), { connect });
    case 'spill':
      return runSpill(command);
    case 'status':
      return status(command, context(), { connect });
    case 'release':
      return releaseAll(command, context(), { connect });
    default:
      return command satisfies never;
  }
}

function runSpill(command: SpillCommand): Promise<number> {
  const { action } = command;
  if (action !== 'drain') return spill({ ...command, action }, context(), { host });
  const log = createLog({
    level: 'info',
    format: 'text',
    write: writeLog,
    mask,
    clock: systemClock,
  });
  exitOnBug(log);
  const life = { instance: lifeName(), host, processId: process.pid };
  return drain(command, context(), { ...life, log, mask, writeOutput, connect, findPump });
}

async function runService({ flags }: Extract<Command, { kind: 'run' }>): Promise<number> {
  const { config, pumps: entries, problems, notes } = await load(flags.conf);
  const level = flags.debug ? 'debug' : (config?.log.level ?? 'info');
  const format = config?.log.format ?? 'text';
  const log = createLog({ level, format, write: writeLog, mask, clock: systemClock });
  exitOnBug(log);
  for (const problem of problems)
    log[problem.severity === 'error' ? 'error' : 'warn'](
      { prefix: 'main' },
      formatProblem(problem),
    );
  for (const note of notes) log.info({ prefix: 'main' }, formatNote(note));
  try {
    const pumps = await preparePumps(entries, { findPump, log });
    if (config === undefined) throw new StartError(brokenConfig);
    return await runApp(await appParts({ config, pumps, log, level, flags }), stopping.signal);
  } catch (error) {
    log.error({ prefix: 'main' }, explain(error));
    return 1;
  }
}

async function appParts(given: {
  readonly config: Config;
  readonly pumps: readonly CheckedPump[];
  readonly log: Log;
  readonly level: LogLevel;
  readonly flags: Extract<Command, { kind: 'run' }>['flags'];
}): Promise<Parameters<typeof runApp>[0]> {
  const { config, pumps, log, level, flags } = given;
  const version = await readVersion();
  const demo = demoOptions(flags, process.env);
  return {
    config,
    pumps,
    clock: systemClock,
    log,
    mask,
    metrics: createMetrics({ version }),
    version,
    consumer: lifeName(),
    host,
    processId: process.pid,
    cores: availableParallelism(),
    spawn: (duty) => spawn({ duty, path: flags.conf, logLevel: level }),
    writeLog,
    writeOutput,
    feed: demo === undefined ? undefined : encoded(demoHours(demo, systemClock)),
  };
}

function* encoded(hours: ReturnType<typeof demoHours>): Generator<readonly Buffer[]> {
  for (const records of hours) yield records.map((fields) => encodeMsgpack(fields));
}

/** Reads the configuration, and learns the secrets in it before anything is said of it. */
async function load(path: string): ReturnType<typeof loadConfig> {
  const loaded = await loadConfig({ path, env: process.env, readFile: readText, types });
  const pumps = await checkPumps(loaded.pumps, findPump);
  secrets.learn([...loaded.secrets, ...pumps.secrets]);
  return loaded;
}

const lifeName = (): string => `${host}-${process.pid}-${randomBytes(4).toString('hex')}`;

const connect = (config: RedisConfig, signal: AbortSignal) =>
  connectRedis(config, { log: silentLog }, signal);

function spawn({
  duty,
  path,
  logLevel,
}: Pick<WorkerBoot, 'duty' | 'logLevel'> & { readonly path: string }): Worker {
  // Beside this file, in the source as in what is built.
  const entry = new URL(import.meta.url.replace(/main(?=\.[jt]s$)/, 'worker'));
  const load = { path, env: { ...process.env }, types };
  const boot: WorkerBoot = { duty, load, files, logLevel, host, processId: process.pid };
  return new Worker(entry, { workerData: boot, name: `worker ${duty.worker}` });
}

const writeLog = (line: string): void => {
  process.stderr.write(line);
};

const context = (): CommandContext => ({
  stdout: maskedOutput(process.stdout),
  stderr: maskedOutput(process.stderr),
  clock: systemClock,
  signal: stopping.signal,
  load,
});

const maskedOutput = (stream: NodeJS.WriteStream): Output => ({
  write: (text) => stream.write(mask(text)),
  isTTY: stream.isTTY,
  columns: stream.columns,
});

/** Resolves once the bytes have left this process, or are the reader's pipe's. */
function writeOutput(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    process.stdout.write(bytes, (error) => {
      signal.removeEventListener('abort', abort);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The first signal asks for an orderly stop, a second one ends the process: what is unanswered is safe in Redis. */
function watchSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(130);
      stopping.abort(new Error(`stopped by ${signal}`));
    });
}

function exitOnBug(log: Log): void {
  const exit = (error: unknown): void => {
    const stack = error instanceof Error ? error.stack : undefined;
    log.error(
      { prefix: 'main', error: explain(error), stack },
      'Ended by a bug; nothing was lost.',
    );
    process.exit(1);
  };
  process.on('unhandledRejection', exit).on('uncaughtException', exit);
}

/** The package's version; package.json is one folder up from the source, two from the compiled file. */
async function readVersion(): Promise<string> {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { version } = JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8')) as {
        version: string;
      };
      return version;
    } catch {
      // The other place.
    }
  }
  return 'unknown';
}

// Last, when every constant above has its value.
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  // As Node prints it an error has all its fields, those of the Redis library with the password among them.
  process.stderr.write(`sluice: error: ${mask(explain(error))}\n`);
  return 1;
});
