import { parseArgs } from 'node:util';
import {
  type Cell,
  type Encoding,
  encodings,
  readCount,
  type SinkName,
  type Size,
  sinkNames,
  sizes,
} from './cell.ts';

/** What the command line asks for. */
export interface BenchOptions {
  readonly mode: 'matrix' | 'report' | 'latency' | 'idle' | 'throttled';
  readonly cells: readonly Cell[];
  readonly rounds: number;
  /** Records of `--latency` and `--throttled`. */
  readonly backlog: number | undefined;
  readonly tyk: string | undefined;
  /** Values of `sluice.workers` to compare; empty: its default. */
  readonly workers: readonly number[];
  readonly withNaive: boolean;
  readonly withKafka: boolean;
  readonly out: string | undefined;
  readonly reportFiles: readonly string[];
}

/** A mistake on the command line; the message says how to mend it. */
export class UsageError extends Error {}

export const usage = `npm run bench -- [options]

What is measured (comma-separated; "all" for every one of them):
  --sink      ${sinkNames.join(' ')}
  --size      1KB 10KB
  --encoding  msgpack protobuf
  --backlog   10k 100k 1M, or any number
  --rounds N  rounds of each (3)
Who takes part:
  --tyk "COMMAND {conf}"   a Tyk Pump as well
  --workers 1,2            ours once for each value of sluice.workers
  --no-naive, --no-kafka   without the baseline, without the broker
Other measurements in place of these:
  --latency    what another client of that Redis waits during a drain (--backlog 1M)
  --idle       what ours costs when there is nothing to do
  --throttled  a drain with 30 % of the documents answered 429 (--backlog 100k)
Results:
  --out FILE     appends lines of JSON; what the file has already is not run again
  --report FILE  writes docs/performance.md and docs/performance.svg from it (repeatable) and measures nothing`;

export function readOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
  const modes = ['latency', 'idle', 'throttled'] as const;
  const reportFiles = values.report ?? [];
  const chosen = modes.filter((mode) => values[mode] === true);
  if (chosen.length > 1) throw new UsageError(`Choose one of --${chosen.join(', --')}.`);
  const rounds = readCount(values.rounds ?? '3');
  if (rounds === undefined) throw new UsageError('--rounds wants a number from 1 on.');
  return {
    mode: reportFiles.length > 0 ? 'report' : (chosen[0] ?? 'matrix'),
    cells: cellsOf(values),
    rounds,
    backlog: values.backlog === undefined ? undefined : countsOf(values.backlog)[0],
    tyk: values.tyk,
    workers: values.workers === undefined ? [] : countsOf(values.workers),
    withNaive: values['no-naive'] !== true,
    withKafka: values['no-kafka'] !== true,
    out: values.out,
    reportFiles,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ sink: text, size: text, encoding: text, backlog: text, rounds: text },
        ...{ tyk: text, workers: text, 'no-naive': flag, 'no-kafka': flag },
        ...{ latency: flag, idle: flag, throttled: flag },
        ...{ out: text, report: { type: 'string', multiple: true } },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

interface Choice {
  readonly sink?: string | undefined;
  readonly size?: string | undefined;
  readonly encoding?: string | undefined;
  readonly backlog?: string | undefined;
}

/**
 * Without a choice: every sink with 1 KB of MessagePack at 100k, elsewhere one cell of each kind that differs. Cells with
 * the same records follow one another, for making a million of them takes most of a minute.
 */
function cellsOf(choice: Choice): readonly Cell[] {
  const { sink, size, encoding, backlog } = choice;
  const isDefault = [sink, size, encoding, backlog].every((value) => value === undefined);
  if (isDefault) return defaultCells;
  const cells: Cell[] = [];
  for (const oneSize of among(sizes, 'size', size ?? '1KB'))
    for (const oneEncoding of among(encodings, 'encoding', encoding ?? 'msgpack'))
      for (const oneBacklog of countsOf(backlog === 'all' ? '10k,100k,1M' : (backlog ?? '100k')))
        for (const oneSink of among(sinkNames, 'sink', sink ?? 'all'))
          cells.push({ sink: oneSink, size: oneSize, encoding: oneEncoding, backlog: oneBacklog });
  return cells;
}

const cell = (sink: SinkName, backlog: number, size: Size, encoding: Encoding): Cell => ({
  sink,
  size,
  encoding,
  backlog,
});

const defaultCells: readonly Cell[] = [
  ...(['csv', 'elasticsearch'] as const).map((sink) => cell(sink, 10_000, '1KB', 'msgpack')),
  ...sinkNames.map((sink) => cell(sink, 100_000, '1KB', 'msgpack')),
  ...(['csv', 'elasticsearch'] as const).map((sink) => cell(sink, 1_000_000, '1KB', 'msgpack')),
  ...(['csv', 'elasticsearch', 'kafka'] as const).map((sink) =>
    cell(sink, 100_000, '1KB', 'protobuf'),
  ),
  ...(['csv', 'elasticsearch', 'stdout'] as const).map((sink) =>
    cell(sink, 20_000, '10KB', 'msgpack'),
  ),
  ...(['csv', 'elasticsearch'] as const).map((sink) => cell(sink, 20_000, '10KB', 'protobuf')),
];

function among<T extends string>(known: readonly T[], name: string, text: string): readonly T[] {
  if (text === 'all') return known;
  return text.split(',').map((word) => {
    const found = known.find((one) => one === word);
    if (found === undefined)
      throw new UsageError(`--${name} knows ${known.join(', ')} and all; not "${word}".`);
    return found;
  });
}

function countsOf(text: string): readonly number[] {
  return text.split(',').map((word) => {
    const count = readCount(word);
    if (count === undefined) throw new UsageError(`"${word}" is no number such as 10k or 1M.`);
    return count;
  });
}
