import {
  type AnalyticsRecord,
  type Batch,
  Delivery,
  delivered,
  type Failure,
  type Health,
  reject,
  retry,
  type Sink,
  type Verdict,
} from '#pump';
import type { Transport } from '../transports/transport.ts';
import { Packer, type Packet, type PackRules } from './packets.ts';

/** Where an encoder writes: the bytes of a line, then its end. */
export type LineOutput = Pick<Packer, 'out' | 'endLine'>;

export interface LineSinkParts {
  readonly transport: Transport;
  /** Writes the lines of one record: any number of them. */
  readonly encode: (record: AnalyticsRecord, lines: LineOutput) => void;
  readonly rules: PackRules;
}

/** Sends metric lines. A record is delivered once every packet that has a line of it was sent. */
export class LineSink implements Sink {
  readonly #parts: LineSinkParts;

  constructor(parts: LineSinkParts) {
    this.#parts = parts;
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const { transport, encode, rules } = this.#parts;
    const packer = new Packer(rules);
    const spans = batch.entries.map(({ record }) => packer.spanOf(() => encode(record, packer)));
    const packets = packer.packets();
    const failures =
      packets.length === 0
        ? []
        : await transport.send(
            packets.map(({ bytes }) => bytes),
            signal,
          );
    return Delivery.each(batch, (_, at) => {
      const span = spans[at];
      if (span === undefined) return delivered();
      for (let packet = span.first; packet <= span.last; packet++) {
        const failure = failures[packet];
        if (failure !== undefined) return verdictOf(failure, packets[packet]);
      }
      return delivered();
    });
  }

  check(signal: AbortSignal): Promise<Health> {
    return this.#parts.transport.check(signal);
  }

  close(signal: AbortSignal): Promise<void> {
    return this.#parts.transport.close(signal);
  }
}

/** A line that is too long even alone will never go; several that are get another chance, in smaller batches. */
const verdictOf = (failure: Failure, packet: Packet | undefined): Verdict =>
  failure.kind === 'oversize' && packet?.lines === 1 ? reject(failure) : retry(failure);
