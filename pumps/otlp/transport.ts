import type { Said } from './answer.ts';

/** How requests get to the receiver. */
export interface Transport {
  /** Sends once, a request of so many records. Never rejects. The body is lent until this settles. */
  send(body: Buffer, count: number, signal: AbortSignal): Promise<Said>;
  /** Lets go of everything. */
  close(): void;
}
