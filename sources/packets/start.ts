import {
  isAborted,
  later,
  type Millis,
  millis,
  type Source,
  type SourceContext,
  StartError,
  sharedAbort,
} from '#source';
import { Counting } from '../shared/diagnosis/counting.ts';
import { filtersOf } from '../shared/diagnosis/filters.ts';
import { PacketMeter } from './count/meter.ts';
import { readCaptureFile } from './input/read-file.ts';
import { Inspector } from './inspector.ts';
import { FollowedKeyLog } from './keylog/follow.ts';
import { KeyLog } from './keylog/key-log.ts';
import { startLive } from './live/live.ts';
import type { Options } from './options.ts';
import { reportOf, sayCounters } from './reports.ts';
import { filesOf, hereOf } from './settings.ts';

/** How often it is said why calls are seen, or are not, where nothing else is configured. */
const reportEvery = millis(60_000);
/** How often it is looked for more of a key log: a call waits for its secrets as long. */
const followEvery = millis(200);
/** How often metrics are brought up to date. */
const measureEvery = millis(1000);

/** Everything is made and put together here. */
export async function startPackets(options: Options, context: SourceContext): Promise<Source> {
  const { log, clock, metrics, name } = context;
  const counting = new Counting(name);
  const meter = new PacketMeter(metrics, log);
  const isLive = options.interface !== '';
  // A file of packets is read when the key log was; live, secrets and packets come side by side.
  const isStream = isLive || filesOf(options).includes('-');
  const keyLog = new KeyLog(
    isStream,
    () => clock.elapsed(),
    () => meter.keyLogRefused(),
  );
  const followed =
    options.keylog === '' ? undefined : new FollowedKeyLog(options.keylog, keyLog, log);
  await followed?.read();
  if (followed?.trouble !== undefined && !isStream)
    throw new StartError(`keylog ${options.keylog}: ${followed.trouble}`);
  const inspector = new Inspector({
    keyLog,
    hasKeyLog: followed !== undefined,
    bounds: {
      connections: options.max_connections,
      bytes: options.max_held,
      idle: options.idle_timeout,
    },
    filters: filtersOf(options),
    ...{ counting, meter },
    bodyLimit: context.isRecording ? context.bodyLimit : 0,
    copies: context.copies,
    isHere: await hereOf(options),
    record: (exchange) => {
      if (context.isRecording) context.record(exchange);
    },
  });
  const stop = sharedAbort();
  every(measureEvery, () => inspector.measure());
  if (followed !== undefined)
    every(followEvery, () => {
      void followed.read().then(() => keyLog.sweep());
    });
  let since = clock.now();
  /** What was counted, for those who ask why calls are seen or are not; and in the log, where somebody wants it there. */
  const report = async ({ isSaid }: { readonly isSaid: boolean }): Promise<void> => {
    const to = clock.now();
    const taken = counting.take(isLive ? { from: since, to } : undefined);
    since = to;
    if (isSaid) sayCounters(log, taken);
    context.report?.(await reportOf(taken, options));
  };
  const isWanted = options.report !== undefined;
  every(options.report ?? reportEvery, () => void report({ isSaid: isWanted }));

  function every(time: Millis, act: () => void): void {
    later(
      clock,
      time,
      () => {
        act();
        every(time, act);
      },
      stop.signal,
    );
  }

  if (isLive) {
    const live = await startLive(options, { context, inspector }).catch((error: unknown) => {
      stop.abort();
      throw error;
    });
    return {
      listensAt: [live.place],
      hasReports: true,
      async stop(signal) {
        await live.stop(signal);
        inspector.close();
        await followed?.read();
        keyLog.close();
        stop.abort();
        await report({ isSaid: true });
      },
    };
  }

  async function readFiles(): Promise<boolean> {
    let isWhole = true;
    for (const path of filesOf(options)) {
      if (isAborted(stop.signal)) return false;
      const { problem } = await readCaptureFile(path, inspector, {
        pace: () => context.writing.room(stop.signal),
        signal: stop.signal,
      });
      if (problem !== undefined) {
        isWhole = false;
        log.error({ path, reason: problem }, 'A file of packets could not be read to its end.');
      }
    }
    inspector.close();
    await followed?.read();
    keyLog.close();
    await report({ isSaid: true });
    return (await context.writing.written(stop.signal)) && isWhole;
  }
  const ended = readFiles();
  return {
    listensAt: filesOf(options),
    hasReports: true,
    ended,
    async stop() {
      stop.abort();
      await ended;
    },
  };
}
