import { parseArgs } from 'node:util';
import { type Cell, readCount, sinkNames, treatments } from './cell.ts';
import { cellsOf, countsOf, UsageError } from './choice.ts';

const modes = [
  'latency',
  'idle',
  'throttled',
  'watched',
  'freshness',
  'start',
  'capture',
  'packets',
  'ebpf',
  'streams',
] as const;

/** What the command line asks for. */
export interface BenchOptions {
  readonly mode: 'matrix' | 'report' | (typeof modes)[number];
  readonly cells: readonly Cell[];
  readonly rounds: number;
  /** Records of `--latency`, `--throttled` and `--watched`. */
  readonly backlog: number | undefined;
  readonly tyk: string | undefined;
  /** Folders of other checkouts, built. */
  readonly against: readonly string[];
  /** Values of `sluice.workers` to compare; empty: its default. */
  readonly workers: readonly number[];
  /** Command lines of Node to compare, each a binary and perhaps flags; empty: the one that runs this. */
  readonly nodes: readonly string[];
  readonly withNaive: boolean;
  readonly withBare: boolean;
  readonly withKafka: boolean;
  readonly out: string | undefined;
  readonly reportFiles: readonly string[];
}

export const usage = `npm run bench -- [options]

What is measured (comma-separated; "all" for every one of them):
  --sink      ${sinkNames.join(' ')}
  --size      1KB 10KB
  --encoding  msgpack protobuf both (22 lists)
  --backlog   10k 100k 1M, or any number
  --treatment ${treatments.join(' ')}: what the route does with each record (none)
  --rtt 0,1,5,20,50        with a round trip of so many milliseconds to Redis (csv, both, 200k)
  --rounds N  rounds of each (3)
Who takes part:
  --tyk "COMMAND {conf}"   a Tyk Pump as well
  --against DIR            another checkout, built: the commit before (repeatable)
  --workers 1,2            ours once for each value of sluice.workers
  --nodes "NODE, NODE --FLAG"   ours once with each of these binaries of Node and their flags
  --no-naive, --no-kafka   without the baseline, without the broker
  --bare                   with a reader that does nothing else, to dummy
Other measurements in place of these:
  --latency    what another client of that Redis waits during a drain (--backlog 1M)
  --idle       what ours costs when there is nothing to do
  --freshness  how old records are when they arrive, at 100, 1,000 and 10,000 a second
  --start      what a start costs, and ten thousand records beyond it
  --throttled  a drain with 30 % of the documents answered 429 (--backlog 100k)
  --capture    a request through the gateway of sluice capture, beside a bare proxy and nginx, and DataKit's
               test of a forward proxy, beside a bare tunnel and mitmproxy (--rounds 3)
  --streams    the gateway's memory while 2,000 connections stream 10 MB each (as root: it needs a network of its own)
  --packets    what looking at packets costs, from a file and live, beside tcpdump alone
  --ebpf       what looking into the TLS of an nginx costs, at 1,000 and 10,000 requests a second (as root)
  --watched    a drain with the console open in five tabs (--backlog 300k)
Results:
  --out FILE     appends lines of JSON; what the file has already is not run again
  --report FILE  writes docs/performance.md and docs/performance.svg from it (repeatable) and measures nothing`;

export function readOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
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
    against: values.against ?? [],
    workers: values.workers === undefined ? [] : countsOf(values.workers),
    nodes: values.nodes === undefined ? [] : values.nodes.split(',').map((node) => node.trim()),
    withNaive: values['no-naive'] !== true,
    withBare: values.bare === true,
    withKafka: values['no-kafka'] !== true,
    out: values.out,
    reportFiles,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const texts = { type: 'string', multiple: true } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ sink: text, size: text, encoding: text, backlog: text, rounds: text },
        ...{ treatment: text, rtt: text },
        ...{
          tyk: text,
          against: texts,
          workers: text,
          nodes: text,
          'no-naive': flag,
          'no-kafka': flag,
          bare: flag,
        },
        ...{
          latency: flag,
          idle: flag,
          throttled: flag,
          watched: flag,
          freshness: flag,
          start: flag,
          capture: flag,
          packets: flag,
          ebpf: flag,
          streams: flag,
        },
        ...{ out: text, report: texts },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
