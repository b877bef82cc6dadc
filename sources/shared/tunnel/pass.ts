import type { Socket } from 'node:net';
import { type TakeRead, takeReads } from '../sockets/shared-reads.ts';
import { giveBack, takeMemory } from './memory.ts';

/**
 * Hands on to one side what the other says, as fast as it takes it, and its end. What has been read already (`unshift`) goes
 * first. `look` sees each chunk; it is lent until it returns.
 */
export function pass(from: Socket, to: Socket, look?: (chunk: Buffer) => void): void {
  const passage = new Passage(from, to, look);
  if (takeReads(from, passage.take)) passage.begin();
  else {
    if (look !== undefined) from.on('data', look);
    from.pipe(to);
  }
}

/**
 * One direction between sockets whose reads can be taken. The system takes nearly every write at once, and then its memory is
 * used again; so a tunnel allocates nothing. While it does not, that memory stays lent, and nothing is read.
 */
class Passage {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #look: ((chunk: Buffer) => void) | undefined;
  /** Writes whose callback has not come; it comes later than the system's answer. */
  #unanswered = 0;
  #lent: Buffer | undefined;

  constructor(from: Socket, to: Socket, look: ((chunk: Buffer) => void) | undefined) {
    this.#from = from;
    this.#to = to;
    this.#look = look;
  }

  begin(): void {
    const [from, to] = [this.#from, this.#to];
    for (;;) {
      const early = from.read() as Buffer | null;
      if (early === null) break;
      this.#look?.(early);
      to.write(early);
    }
    if (from.readableEnded) to.end();
    else from.once('end', () => to.end());
    from.resume();
  }

  readonly take: TakeRead = (bytes) => {
    const to = this.#to;
    const memory = takeMemory();
    const chunk = memory.subarray(0, bytes.copy(memory));
    this.#look?.(chunk);
    this.#unanswered += 1;
    to.write(chunk, this.#written);
    if (to.writableLength > 0) {
      this.#lent = memory;
      return false;
    }
    giveBack(memory);
    return true;
  };

  readonly #written = (error?: Error | null): void => {
    this.#unanswered -= 1;
    const memory = this.#lent;
    if (memory === undefined || this.#unanswered > 0) return;
    this.#lent = undefined;
    // Of a connection that broke nobody knows whether the system still reads from it.
    if (error !== undefined && error !== null) return;
    giveBack(memory);
    this.#from.resume();
  };
}
