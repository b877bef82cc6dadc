import { type Exchange, systemClock } from '#source';
import { CountingMetrics } from '../../src/lib/metrics.testing.ts';
import { type MemoryLog, memoryLog } from '../../test/services/memory-log.ts';
import { prepare } from './packets.testing.ts';

export interface PacketsUnderTest {
  readonly exchanges: readonly Exchange[];
  readonly metrics: CountingMetrics;
  readonly log: MemoryLog;
  /** Resolves to the first exchange that fits, once it is there. */
  readonly exchange: (fits: (one: Exchange) => boolean) => Promise<Exchange>;
  /** Of files: whether they were read as a whole, once they are. */
  readonly ended: Promise<boolean> | undefined;
  /** Gives what the line at its end says. Without a signal it does not wait for what the kernel still has. */
  stop(signal?: AbortSignal): Promise<Readonly<Record<string, unknown>>>;
}

/** The source, with options as an operator writes them. Rejects with what is wrong with them. */
export async function startPackets(
  raw: Readonly<Record<string, unknown>>,
): Promise<PacketsUnderTest> {
  const { source, problems } = prepare(raw);
  if (source === undefined) throw new Error(JSON.stringify(problems));
  const exchanges: Exchange[] = [];
  const waiting = new Set<() => void>();
  const [metrics, log] = [new CountingMetrics(), memoryLog()];
  const started = await source.start({
    ...{ name: 'packets', log, metrics, clock: systemClock, bodyLimit: 65_536, isRecording: true },
    ...{ redis: undefined, copies: undefined },
    writing: { room: () => Promise.resolve(), written: () => Promise.resolve(true) },
    record(exchange) {
      exchanges.push(exchange);
      for (const look of waiting) look();
    },
  });
  return {
    ...{ exchanges, metrics, log, ended: started.ended },
    exchange: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = exchanges.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    async stop(signal = AbortSignal.abort()) {
      await started.stop(signal);
      const said = log.lines.filter(({ message }) => message === 'Packets were looked at.');
      return said.at(-1)?.fields ?? {};
    },
  };
}
