import type { Endpoint } from '#source';

/** Whose bytes: 0, the client’s, who opened the connection; 1, the server’s. */
export type Side = 0 | 1;

/** Bytes of one side, in order and without holes. They are lent until the call returns. */
export interface Stretch {
  bytes: Buffer;
  start: number;
  end: number;
  /** Sequence number of the first one. */
  sequence: number;
  /** What the sender had of the other side by then; undefined: it did not say. */
  acknowledged: number | undefined;
  /** When the packet came: milliseconds since 1970. */
  time: number;
}

/**
 * How a connection ended: `end`, both sides were done; `reset`, one broke it off; `lost`, it goes on or ended, but nobody
 * looks any more: too many, too old, another one with its addresses, the end of the file.
 */
export type Ending = 'end' | 'reset' | 'lost';

export interface ConnectionFacts {
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** Its beginning was seen, so that the first bytes are those of a protocol. */
  readonly isFromStart: boolean;
}

/** What is made of a connection's bytes. */
export interface Conversation {
  data(from: Side, stretch: Stretch): void;
  /** So many bytes were sent and never seen. */
  gap(from: Side, length: number, time: number): void;
  /** This side has said that it is done. */
  finish(from: Side, time: number): void;
  close(ending: Ending, time: number): void;
}

/** Makes a conversation of a connection that begins to be seen. */
export type Converse = (facts: ConnectionFacts) => Conversation;

/**
 * Why something that was there, or should have been, comes to nothing:
 *
 * - `gap`: bytes that were sent and never seen.
 * - `evicted`, `idle`: a connection that was forgotten at a bound, or since it was silent for too long.
 * - `calls`: a call that was forgotten since too many were under way on its connection.
 * - `behind-fin`, `beyond-window`, `ended`, `tangled`: a segment whose bytes stand behind the end of their side, far beyond all that its
 *   receiver has confirmed, or come after the connection; and segments of two sides that wait for each other. Somebody else wrote them, or
 *   the connection was broken off before they came.
 * - `reset`: a reset from where its side is not.
 * - `fragment`: a datagram that stayed incomplete or contradicts itself.
 * - `unread`: a look at packets that ended while the kernel still held some; how many, nobody knows.
 * - `cut`: a packet of which less was captured than there was.
 */
export const losses = [
  ...(['gap', 'evicted', 'idle', 'calls'] as const),
  ...(['behind-fin', 'beyond-window', 'ended', 'tangled', 'reset'] as const),
  ...(['fragment', 'cut', 'unread'] as const),
];
export type Loss = (typeof losses)[number];

/** Bytes that all connections hold together, and what went wrong in them. */
export interface Tally {
  held: number;
  /** Retransmissions that say something else than what was there first. */
  conflicts: number;
  readonly lost: Record<Loss, number>;
}

export const newTally = (): Tally => ({
  held: 0,
  conflicts: 0,
  lost: Object.fromEntries(losses.map((loss) => [loss, 0])) as Record<Loss, number>,
});
