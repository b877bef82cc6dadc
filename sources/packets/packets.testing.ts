import type { Exchange } from '#source';
import { CountingMetrics } from '../../src/lib/metrics.testing.ts';
import { memoryLog } from '../../test/services/memory-log.ts';
import type { TrafficCounters } from '../shared/diagnosis/counters.ts';
import { Counting } from '../shared/diagnosis/counting.ts';
import { filtersOf } from '../shared/diagnosis/filters.ts';
import { PacketMeter } from './count/meter.ts';
import { type Frame, type PcapForm, pcap } from './frames.testing.ts';
import packets from './index.ts';
import { CaptureReader } from './input/capture-reader.ts';
import { Inspector } from './inspector.ts';
import { KeyLog } from './keylog/key-log.ts';

export interface Inspected {
  readonly exchanges: readonly Exchange[];
  readonly counters: TrafficCounters;
  readonly metrics: CountingMetrics;
  /** What is wrong with the file; undefined: nothing. */
  readonly problem: string | undefined;
}

export interface Wishes extends PcapForm {
  readonly ports?: readonly number[];
  readonly hosts?: readonly string[];
  readonly paths?: readonly string[];
  readonly bodyLimit?: number;
  readonly connections?: number;
  readonly held?: number;
  readonly local?: readonly string[];
  /** Lines of a key log. */
  readonly secrets?: string;
  /** More of them may come, until the file is read. */
  readonly isKeyLogGrowing?: boolean;
  /** Hears, with each chunk, how many bytes are held. */
  readonly onHeld?: (bytes: number) => void;
  /** The file is given in chunks of so many bytes. */
  readonly chunk?: number;
}

/** A file of packets, through everything that looks at it. */
export function inspectFile(file: Buffer, wishes: Wishes = {}): Inspected {
  const { ports = [], hosts = [], paths = [], bodyLimit = 65_536, local = [], secrets } = wishes;
  const exchanges: Exchange[] = [];
  const metrics = new CountingMetrics();
  const counting = new Counting('packets');
  const meter = new PacketMeter(metrics, memoryLog());
  const keyLog = new KeyLog(
    wishes.isKeyLogGrowing === true,
    () => 0,
    () => meter.keyLogRefused(),
  );
  if (secrets !== undefined) keyLog.add(secrets);
  const inspector = new Inspector({
    bounds: {
      connections: wishes.connections ?? 10_000,
      bytes: wishes.held ?? 64 * 1024 * 1024,
      idle: 600_000,
    },
    filters: filtersOf({ ports, hosts, paths }),
    ...{ counting, bodyLimit, copies: undefined, meter, keyLog },
    hasKeyLog: secrets !== undefined,
    isHere: (address) => local.includes(address),
    record: (exchange) => exchanges.push(exchange),
  });
  const reader = new CaptureReader('test.pcap', inspector);
  const size = wishes.chunk ?? (wishes.onHeld === undefined ? Math.max(1, file.length) : 4096);
  for (let at = 0; at < file.length; at += size) {
    if (!reader.push(file.subarray(at, at + size))) break;
    if (wishes.onHeld === undefined) continue;
    inspector.measure();
    wishes.onHeld(metrics.gauges.get('sluice_capture_packets_held_bytes') ?? 0);
  }
  const problem = reader.end();
  inspector.close();
  keyLog.close();
  inspector.measure();
  return { exchanges, counters: counting.take(), metrics, problem };
}

export const inspect = (frames: readonly Frame[], wishes: Wishes = {}): Inspected =>
  inspectFile(pcap(frames, wishes), wishes);

export const textOf = (body: { readonly bytes: Uint8Array } | undefined): string =>
  Buffer.from(body?.bytes ?? []).toString('latin1');

/** What is made of options, with every problem. */
export const prepare = (raw: Readonly<Record<string, unknown>>) =>
  packets.prepare({
    ...{ raw, source: 'capture.yaml', at: '', allowed: [] },
    ...{ env: {}, layers: [], unresolved: new Map() },
  });
