import { type Exchange, type SourceReport, systemClock } from '#source';
import { nothingWaits } from '../../src/capture/exchange.testing.ts';
import { CountingMetrics } from '../../src/lib/metrics.testing.ts';
import { type MemoryLog, memoryLog } from '../../test/services/memory-log.ts';
import ebpf from './index.ts';

export interface EbpfUnderTest {
  readonly exchanges: readonly Exchange[];
  readonly reports: readonly SourceReport[];
  readonly metrics: CountingMetrics;
  readonly log: MemoryLog;
  stop(): Promise<void>;
}

/** The source, with options as an operator writes them. Rejects with what is wrong with them, or at its start. */
export async function startEbpf(raw: Readonly<Record<string, unknown>>): Promise<EbpfUnderTest> {
  const { source, problems } = prepare(raw);
  if (source === undefined) throw new Error(JSON.stringify(problems));
  const exchanges: Exchange[] = [];
  const reports: SourceReport[] = [];
  const [metrics, log] = [new CountingMetrics(), memoryLog()];
  const started = await source.start({
    ...{ name: 'ebpf', log, metrics, clock: systemClock, bodyLimit: 1_000_000, isRecording: true },
    ...{ redis: undefined, writing: nothingWaits },
    record: (exchange) => exchanges.push(exchange),
    report: (report) => reports.push(report),
  });
  return { exchanges, reports, metrics, log, stop: () => started.stop(AbortSignal.abort()) };
}

/** What is made of options, with every problem. */
export const prepare = (raw: Readonly<Record<string, unknown>>) =>
  ebpf.prepare({
    ...{ raw, source: 'capture.yaml', at: '', allowed: [] },
    ...{ env: {}, layers: [], unresolved: new Map() },
  });

export const textOf = (body: { readonly bytes: Uint8Array } | undefined): string =>
  Buffer.from(body?.bytes ?? []).toString('latin1');
