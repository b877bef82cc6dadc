/*
 * Packets of an interface, by tcpdump: it has the right to capture, this process needs none. It is started again where it ends,
 * later each time until it works, and its standard error says what the kernel dropped.
 */
import {
  isAborted,
  millis,
  pause,
  type SourceContext,
  StartError,
  sharedAbort,
  untilAborted,
  withDeadline,
} from '#source';
import { CaptureReader } from '../input/capture-reader.ts';
import type { Inspector } from '../inspector.ts';
import type { Options } from '../options.ts';
import { Child } from './child.ts';
import { captureCommand } from './command.ts';
import { TcpdumpCounts } from './tcpdump-counts.ts';

export interface Live {
  /** For the log: `eth0`, or `eth0 in /run/netns/app`. */
  readonly place: string;
  /** Ends it, when what the kernel has for it is read, as far as the signal permits; what is left is counted. */
  stop(signal: AbortSignal): Promise<void>;
}

const retry = { first: 500, most: 30_000 };
/** One that has worked for so long begins anew with the shortest wait. */
const provenAfter = 60_000;
const askEvery = millis(1000);
/** A stop waits so long at most for what the kernel holds. */
const longestDrain = millis(5000);
const drainEvery = millis(50);
/** The kernel hands packets on a second late, where they are few; when nothing came for longer, it has none. */
const still = 1200;

/** Rejects with a `StartError` where tcpdump cannot begin. */
export async function startLive(
  options: Options,
  { context, inspector }: { readonly context: SourceContext; readonly inspector: Inspector },
): Promise<Live> {
  const { clock, log } = context;
  const stopping = sharedAbort();
  const { interface: name, netns } = options;
  const place = netns === '' ? name : `${name} in ${netns}`;
  let child: Child | undefined;
  /** Whom its counters may be asked of: before it captures, the question would end it. */
  let asked: Child | undefined;

  /** Waits until it has read what the kernel had for it; rejects where the signal aborts. */
  let drain: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();

  /** One life of tcpdump. Resolves, once it captures, to its end. */
  async function begin(): Promise<{ readonly end: Promise<string> }> {
    const reader = new CaptureReader(name, inspector);
    const said: string[] = [];
    const counts = new TcpdumpCounts((packets, by) => inspector.drops(name, packets, by));
    let answered = (): void => undefined;
    let captures = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      captures = resolve;
    });
    const own = new Child(captureCommand(options), {
      data(chunk) {
        captures();
        if (!reader.push(chunk)) void own.stop();
      },
      line(text) {
        if (/listening on /.test(text)) captures();
        if (counts.take(text)) answered();
        else if (!/data link type/.test(text)) said.push(text);
        if (said.length > 3) said.shift();
      },
    });
    child = own;
    asked = undefined;
    const gone = own.gone.then((how) => {
      return (
        reader.problem ?? [...said.filter((line) => !/listening on/.test(line)), how].join('; ')
      );
    });
    let isGone = false;
    void gone.then(() => {
      isGone = true;
    });
    drain = async (signal) => {
      const answer = (): Promise<unknown> => {
        const heard = new Promise<void>((resolve) => {
          answered = resolve;
        });
        own.ask();
        return untilAborted(Promise.race([heard, gone]), signal);
      };
      const stopped = clock.now();
      let [captured, since] = [counts.captured, clock.elapsed()];
      while (!isGone && inspector.lastTime < stopped && clock.elapsed() - since < still) {
        await pause(clock, drainEvery, signal);
        await answer();
        if (isAborted(signal)) throw signal.reason;
        if (counts.captured !== captured) since = clock.elapsed();
        captured = counts.captured;
      }
    };
    const first = await Promise.race([begun.then(() => undefined), gone]);
    if (first !== undefined) throw new StartError(`tcpdump on ${place}: ${first}`);
    asked = own;
    return { end: gone };
  }

  async function keep(first: Promise<string>): Promise<void> {
    let end = first;
    let wait = retry.first;
    let since = clock.elapsed();
    for (;;) {
      const reason = await end;
      if (isAborted(stopping.signal)) return;
      log.warn({ interface: name, reason }, 'tcpdump has ended; it is started again.');
      if (clock.elapsed() - since > provenAfter) wait = retry.first;
      await pause(clock, millis(wait), stopping.signal);
      if (isAborted(stopping.signal)) return;
      wait = Math.min(2 * wait, retry.most);
      since = clock.elapsed();
      end = begin().then(
        (life) => {
          log.info({ interface: name }, 'tcpdump captures again.');
          return life.end;
        },
        (error: unknown) => (error as Error).message,
      );
    }
  }

  async function ask(): Promise<void> {
    while (!isAborted(stopping.signal)) {
      await pause(clock, askEvery, stopping.signal);
      if (!isAborted(stopping.signal)) asked?.ask();
    }
  }

  const { end } = await begin();
  const kept = keep(end);
  const asking = ask();
  return {
    place,
    async stop(signal) {
      stopping.abort();
      if (asked !== undefined && !isAborted(signal))
        await withDeadline(drain, { clock, after: longestDrain }, signal).catch(() => {
          log.warn({ interface: name }, 'The kernel still held packets when looking ended.');
          inspector.leaveUnread();
        });
      await child?.stop();
      await Promise.all([kept, asking]);
    },
  };
}
