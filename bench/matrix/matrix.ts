import { Unavailable } from '../../test/services/process.ts';
import { type Bench, openBench, redisVersion } from '../bench.ts';
import { type Cell, cellName, type SinkName } from '../cell.ts';
import { UsageError } from '../choice.ts';
import { against, bare, type Contender, naive, ours, oursOn, tyk } from '../contender.ts';
import { describeMachine } from '../measure/machine.ts';
import type { BenchOptions } from '../options.ts';
import { keeperOf, type Line, type Run, readLines } from '../results.ts';
import { runOnce } from '../run.ts';
import { openScreen, type Screen } from '../screen.ts';
import { openSink } from '../sinks/open.ts';
import type { BenchSink } from '../sinks/sink.ts';
import { type Step, stepsOf } from './order.ts';

/** Runs every step that the output file does not have yet; returns all lines there are then. */
export async function runMatrix(
  options: BenchOptions,
  args: readonly string[],
): Promise<readonly Line[]> {
  const contenders = contendersOf(options);
  const known = readLines(options.out === undefined ? [] : [options.out]);
  const cells = options.cells.filter(({ sink }) => options.withKafka || sink !== 'kafka');
  if (cells.length < options.cells.length) console.log('Left out by --no-kafka: kafka.');
  const names = contenders.map(({ name }) => name);
  const isAble = ({ cell, pump }: Step): boolean =>
    contenders.some(({ name, only = cell.sink }) => name === pump && only === cell.sink);
  const steps = stepsOf(cells, names, options.rounds, known).filter(isAble);
  const total = steps.reduce((sum, { cell }) => sum + cell.backlog, 0);
  if (known.length > 0)
    console.log(`${options.out ?? ''} has ${known.length} lines; ${steps.length} runs are left.`);
  const screen = openScreen(`${steps.length} runs`, total);
  const bench = await openBench((made) => {
    if (made === 0) screen.line('Making records for the next runs …');
  });
  const keep = keeperOf(options.out);
  const lines: Line[] = [...known];
  const add = (line: Line): void => {
    lines.push(line);
    keep(line);
  };
  if (steps.length > 0) add(describeMachine(await redisVersion(bench.redis), args));
  try {
    await performAll({ bench, steps, contenders, screen, add });
  } finally {
    screen.end();
    await bench.close();
  }
  return lines;
}

export function contendersOf(options: BenchOptions): readonly Contender[] {
  const contenders = [
    ...oursBy(options),
    ...options.against.map(against),
    ...(options.withNaive ? [naive()] : []),
    ...(options.withBare ? [bare()] : []),
    ...(options.tyk === undefined ? [] : [tyk(options.tyk)]),
  ];
  const names = contenders.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new UsageError(`Two pumps have the name "${twice}".`);
  return contenders;
}

function oursBy({ workers, nodes }: BenchOptions): readonly Contender[] {
  if (nodes.length > 0) return nodes.map(oursOn);
  return workers.length === 0 ? [ours()] : workers.map((count) => ours(count));
}

interface Performance {
  readonly bench: Bench;
  readonly steps: readonly Step[];
  readonly contenders: readonly Contender[];
  readonly screen: Screen;
  readonly add: (line: Line) => void;
}

async function performAll({ bench, steps, contenders, screen, add }: Performance): Promise<void> {
  const sinks = new OpenSinks(bench);
  let done = 0;
  try {
    for (const { cell, pump, round } of steps) {
      const contender = contenders.find(({ name }) => name === pump);
      const sink = await sinks.of(cell.sink, screen);
      if (sink !== undefined && contender !== undefined) {
        const run = await attempt(bench, sink, { ...cell, contender, round }, (arrived) =>
          screen.update(done + arrived),
        );
        screen.line(runLine(run));
        add(run);
      }
      done += cell.backlog;
      screen.update(done);
    }
  } finally {
    await sinks.close();
  }
}

/** A run that breaks off counts as failed; the others go on. */
async function attempt(
  bench: Bench,
  sink: BenchSink,
  order: Cell & { readonly contender: Contender; readonly round: number },
  onProgress: (arrived: number) => void,
): Promise<Run> {
  try {
    return await runOnce(bench, sink, order, { onProgress });
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    const { contender, ...cell } = order;
    return { ...nothing, kind: 'run', ...cell, pump: contender.name, failure };
  }
}

const nothing = {
  ...{ recordsPerSecond: 0, seconds: 0, cpuPer100k: 0, startCpu: 0, peakMiB: 0 },
  ...{ redisCommandsPer1000: 0, redisKiBPer1000: 0, lost: 0, invented: 0, foreignCores: 0 },
};

/** Sinks are started when first needed and kept: a broker takes seconds. */
class OpenSinks {
  readonly #bench: Bench;
  readonly #open = new Map<SinkName, BenchSink | undefined>();

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** Undefined, and a line, where this machine cannot run it. */
  async of(name: SinkName, screen: Screen): Promise<BenchSink | undefined> {
    if (!this.#open.has(name)) this.#open.set(name, await this.#start(name, screen));
    return this.#open.get(name);
  }

  async #start(name: SinkName, screen: Screen): Promise<BenchSink | undefined> {
    try {
      return await openSink(name, this.#bench);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      screen.line(`SKIPPED: ${name}: ${error.message}`);
      return undefined;
    }
  }

  async close(): Promise<void> {
    for (const sink of this.#open.values()) await sink?.close();
  }
}

/** `csv 1KB msgpack 100k · sluice · round 1: 250,000/s, 0.80 CPU s/100k, 120 MiB, …` */
export function runLine(run: Run): string {
  const head = `${cellName(run)} · ${run.pump} · round ${run.round}:`;
  if (run.failure !== undefined) return `${head} FAILED: ${run.failure}`;
  const figures = [
    `${run.recordsPerSecond.toLocaleString('en-GB')}/s`,
    `${run.cpuPer100k.toFixed(2)} CPU s/100k`,
    `${run.peakMiB} MiB`,
    `Redis ${run.redisCommandsPer1000} commands and ${run.redisKiBPer1000} KiB per 1,000`,
    ...(run.foreignCores >= 0.1 ? [`others used ${run.foreignCores} cores`] : []),
    ...(run.note === undefined ? [] : [run.note]),
  ];
  return `${head} ${figures.join(', ')}`;
}
