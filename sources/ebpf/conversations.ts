import type { Ending } from '../shared/wire/conversation.ts';
import type { PieceTaker } from './collector.ts';
import { Conversation, type ConversationParts } from './conversation.ts';
import type { Piece } from './loader/frames.ts';

/** At a time, and bytes that they hold together; those that were silent longest go first. */
const most = { connections: 20_000, bytes: 128 * 1024 * 1024 };

/** All connections of all watched processes. */
export class Conversations implements PieceTaker {
  readonly #parts: ConversationParts;
  /** In the order of their last pieces. */
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
    if (known !== undefined) this.#all.delete(name);
    if (kind === 'closed') {
      known?.close('end', time);
      return;
    }
    const conversation = known ?? new Conversation(pid, this.#parts);
    this.#all.set(name, conversation);
    conversation.take(piece, time);
    this.#sweep();
  }

  forget(pid: number): void {
    this.#end('end', (conversation) => conversation.pid === pid);
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
