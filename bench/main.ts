/** `npm run bench`: reads the command line and does what it says. scripts/bench.mjs has built the checkout before. */
import { measureCapture } from './capture/capture.ts';
import { measureEbpf } from './capture/ebpf/ebpf.ts';
import { measurePackets } from './capture/packets/packets.ts';
import { measureStreams } from './capture/streams/main.ts';
import { UsageError } from './choice.ts';
import { measureIdle } from './extra/idle.ts';
import { measureLatency } from './extra/latency.ts';
import { measureStart } from './extra/start.ts';
import { measureThrottled } from './extra/throttled.ts';
import { measureWatched } from './extra/watched.ts';
import { measureFreshness } from './freshness/freshness.ts';
import { runMatrix } from './matrix/matrix.ts';
import { type BenchOptions, readOptions, usage } from './options.ts';
import { printSummary } from './report/summary.ts';
import { writeReport } from './report/write.ts';

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(usage);
    return 0;
  }
  return perform(readOptions(args), args);
}

async function perform(options: BenchOptions, args: readonly string[]): Promise<number> {
  switch (options.mode) {
    case 'report':
      return writeReport(options.reportFiles);
    case 'latency':
      return measureLatency(options, args);
    case 'idle':
      return measureIdle(options, args);
    case 'throttled':
      return measureThrottled(options, args);
    case 'watched':
      return measureWatched(options, args);
    case 'freshness':
      return measureFreshness(options, args);
    case 'capture':
      return measureCapture(options);
    case 'packets':
      return measurePackets(options);
    case 'ebpf':
      return measureEbpf(options);
    case 'streams':
      return measureStreams();
    case 'start':
      return measureStart(options, args);
    case 'matrix':
      return printSummary(await runMatrix(options, args));
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
