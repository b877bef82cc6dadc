import type { Health } from '../sink.ts';
import type { Failure } from '../verdict.ts';
import type { Packet } from './packets.ts';

/** Sends packets of metric lines. */
export interface LineTransport {
  /** For each packet: undefined once it is sent, or what went wrong. Never rejects. */
  send(packets: readonly Packet[], signal: AbortSignal): Promise<readonly (Failure | undefined)[]>;
  check(signal: AbortSignal): Promise<Health>;
  close(): void;
}
