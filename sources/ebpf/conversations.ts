import type { Ending } from '../shared/wire/conversation.ts';
import type { PieceTaker } from './collector.ts';
import { Conversation, type ConversationParts } from './conversation.ts';
import type { Piece } from './loader/frames.ts';

/** At a time, and bytes that they hold together; those that were silent longest go first. */
const most = { connections: 20_000, bytes: 128 * 1024 * 1024 };

/** Milliseconds in which a connection is put at the end of the line once, however often it speaks. */
const moveEvery = 1000;

/** All connections of all watched processes. */
export class Conversations implements PieceTaker {
  readonly #parts: ConversationParts;
  /** In the order of their last pieces, to a second. */
  readonly #all = new Map<string, Conversation>();
  #clock = 0;
  #time = 0;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#all.size;
  }

  setClock(offset: number): void {
    this.#clock = offset;
  }

  piece(piece: Piece): void {
    const { connection: name, pid, kind } = piece;
    const time = piece.time + this.#clock;
    this.#time = time;
    const known = this.#all.get(name);
    if (kind === 'closed') {
      this.#all.delete(name);
      known?.close('end', time);
      return;
    }
    const conversation = known ?? new Conversation(pid, this.#parts);
    if (piece.time - conversation.movedAt >= moveEvery) {
      conversation.movedAt = piece.time;
      this.#all.delete(name);
      this.#all.set(name, conversation);
    }
    conversation.take(piece, time);
    this.#sweep();
  }

  forget(pid: number, ending: Ending): void {
    this.#end(ending, (conversation) => conversation.pid === pid);
  }

  forgetAll(): void {
    this.#end('lost', () => true);
  }

  #end(ending: Ending, isMeant: (conversation: Conversation) => boolean): void {
    for (const [name, conversation] of this.#all) {
      if (!isMeant(conversation)) continue;
      this.#all.delete(name);
      conversation.close(ending, this.#time);
    }
  }

  #sweep(): void {
    const { tally } = this.#parts;
    while (this.#all.size > most.connections || tally.held > most.bytes) {
      const [oldest] = this.#all;
      if (oldest === undefined) return;
      this.#all.delete(oldest[0]);
      oldest[1].close('lost', this.#time);
      tally.lost.evicted++;
    }
  }
}
