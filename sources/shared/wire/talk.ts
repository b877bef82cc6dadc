import type { CopyBudget, Exchange, TlsFacts } from '#source';
import type { FlowCounts } from '../diagnosis/flow-counts.ts';
import type { Conversation, Ending, Side, Stretch, Tally } from './conversation.ts';
import type { TlsOutcome } from './tls/outcome.ts';
import type { SecretSource } from './tls/secrets.ts';

/** What a protocol makes of a connection's bytes; what it hands on goes through the scene. */
export type Talk = Conversation;

/** A call as a protocol saw it, without what the connection says anyway. */
export type Seen = Pick<
  Exchange,
  'startedAt' | 'latency' | 'request' | 'response' | 'bytesIn' | 'bytesOut' | 'error'
>;

/** What protocols share of the connection that they are spoken on. */
export interface Scene {
  readonly counts: FlowCounts;
  readonly tally: Tally;
  readonly bodyLimit: number;
  readonly copies: CopyBudget | undefined;
  /** `tls`: of a call that was read inside it. */
  emit(seen: Seen, tls?: TlsFacts): void;
  /** From here on it is another protocol. */
  become(talk: Talk): void;
  /** Nobody knows yet what it is from here on: it is looked at as a connection that begins. */
  lookAgain(): void;
  /** Gives bytes to what it has become. */
  pass(from: Side, stretch: Stretch): void;
  /** A TLS handshake, with what both agreed on. */
  handshake(version: string, protocol: string): void;
  /** Secrets of sessions of TLS; undefined: nobody has any, and none is looked into. */
  readonly secrets: SecretSource | undefined;
  /** What came of looking into a connection of TLS. */
  decryption(outcome: TlsOutcome): void;
  /** Who reads what was inside it, from its beginning. */
  inside(tls: TlsFacts): Talk;
}

/** Nothing is read of it any more. */
export const ignored: Talk = {
  data: nothing,
  gap: nothing,
  finish: nothing,
  close: nothing,
};

function nothing(): void {
  // Nothing.
}

/** Counts what comes of one that nobody can read. */
export const unread = ({ counts }: Pick<Scene, 'counts'>): Talk => ({
  ...ignored,
  data: () => counts.unparsed(),
});

/** Why a call has no answer, or not all of it. */
export const errorOf = (ending: Ending): Seen['error'] =>
  ending === 'reset'
    ? { kind: 'reset', words: 'One side broke the connection off.' }
    : ending === 'end'
      ? { kind: 'aborted', words: 'The connection ended before the answer did.' }
      : { kind: 'unseen', words: 'Not all of its packets were seen.' };

export type { Ending, Side, Stretch };
