import type { Redis } from 'ioredis';
import type { Elements } from '../../lib/elements.ts';
import type { Memory } from '../../lib/region-pool.ts';
import { type Millis, mebibytes, millis } from '../../lib/units.ts';
import { onAbort } from '../../lib/waiting.ts';
import { ByteConnection } from './byte-connection.ts';
import { goesOnAt } from './goes-on-at.ts';
import { ListReply } from './list-reply.ts';

/** What is asked of a list. */
export interface ListQuestion {
  readonly key: string;
  readonly start: number;
  readonly count: number;
  /** What the elements have together, about. */
  readonly bytes: number;
}

/** A question that waits for its answer, here or at the server. */
interface Asker {
  readonly question: ListQuestion;
  /** Elements that were asked for with one command, which begins with its own; undefined: they come after another's. */
  together: number | undefined;
  /** Undefined until the first of its bytes is expected. */
  reply: ListReply | undefined;
  /** Nobody waits for the answer any more. */
  isGivenUp: boolean;
  readonly resolve: (elements: Elements | undefined) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * So much is asked for with one command at most, and with one message. To find its first element the server walks through the
 * list, 10 ms at the middle of a million records (from the nearer end since Redis 7): what lies side by side is asked for
 * together. It carries out a whole message before it serves others, and keeps every answer that has not been fetched.
 */
const mostTogether = mebibytes(2);

/** A connection that nobody has used for so long is closed. */
const restsAtMost = millis(60_000);

/** Of bytes that nobody has asked for, and of the first ones after a rest. */
const idleRoom = 16_384;

/**
 * LRANGE on a connection of its own: questions follow each other without waiting, answers come in their order, each into
 * a region of its own. What counts as silence is the time without a byte, not the time that an answer takes.
 */
export class ListConnection {
  readonly #timeout: Millis;
  readonly #memory: Memory;
  readonly #idle = new Uint8Array(idleRoom);
  /** Not said to the server yet. */
  readonly #waiting: Asker[] = [];
  /** Under way, in the order of their answers. */
  readonly #asked: Asker[] = [];
  #askedBytes = 0;
  /** Elements that are still to come of the list whose shares are being answered. */
  #left = 0;
  /** The next message is sent when so many bytes are still to come. */
  #goesOnAt = goesOnAt(millis(0));
  readonly #connection: ByteConnection;
  /** Where the next bytes go, where that is the first answer's region. */
  #room: Uint8Array | undefined;
  /** Why it was closed, where that was not the server's doing. */
  #reason: Error | undefined;
  #isOpen = false;
  #isOver = false;

  /** The regions are of `memory`. */
  constructor(client: Redis, { timeout, memory }: { timeout: Millis; memory: Memory }) {
    this.#timeout = timeout;
    this.#memory = memory;
    this.#connection = new ByteConnection(client, {
      room: () => this.#nextRoom(),
      onBytes: (size, room) => this.#onBytes(size, room),
      onSilence: () => this.#onSilence(),
      onClose: () => this.#onLoss(),
    });
  }

  /** Once, before anything is asked. Rejects where there can be no connection. */
  async connect(): Promise<void> {
    try {
      const roundTrip = await this.#connection.connect();
      this.#goesOnAt = goesOnAt(millis(roundTrip));
      this.#isOpen = true;
      this.#connection.expectWithin(restsAtMost);
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  /** It has been made. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** It is lost, or could not be made. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Undefined: the answer is none that can be taken here, and should be asked for in another way. Rejects when the
   * connection is lost, or with the signal's reason.
   */
  read(question: ListQuestion, signal: AbortSignal): Promise<Elements | undefined> {
    if (this.#isOver) return Promise.reject(this.#reason ?? new Error(lostBefore));
    return new Promise((resolve, reject) => {
      const asker: Asker = {
        question,
        together: undefined,
        reply: undefined,
        isGivenUp: false,
        resolve: (elements) => {
          forget();
          resolve(elements);
        },
        reject: (reason) => {
          forget();
          reject(reason);
        },
      };
      this.#waiting.push(asker);
      const forget = onAbort(signal, () => {
        reject(signal.reason as Error);
        this.#giveUp(asker);
      });
      this.#ask();
    });
  }

  close(): void {
    this.#connection.close();
  }

  #giveUp(asker: Asker): void {
    asker.isGivenUp = true;
    const at = this.#waiting.indexOf(asker);
    if (at >= 0) this.#waiting.splice(at, 1);
    else if (this.#asked.every(({ isGivenUp }) => isGivenUp) && this.#waiting.length === 0)
      this.close();
  }

  #ask(): void {
    if (this.#askedBytes > this.#goesOnAt) return;
    const most = this.#askedBytes + mostTogether;
    let text = '';
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#asked.length > 0 && this.#askedBytes + next.question.bytes > most) break;
      text += this.#askTogether(next, most);
    }
    if (text === '') return;
    this.#connection.write(text);
    this.#connection.expectWithin(this.#timeout);
  }

  /** The command that asks for this and for what follows it in the same list, as far as somebody waits for that. */
  #askTogether(first: Asker, most: number): string {
    const { key, start } = first.question;
    let [count, bytes] = [0, 0];
    for (let next: Asker | undefined = first; next !== undefined; ) {
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#asked.push(next);
      count += next.question.count;
      bytes += next.question.bytes;
      next = this.#waiting.find(
        ({ question }) =>
          question.key === key &&
          question.start === start + count &&
          this.#askedBytes + bytes + question.bytes <= most,
      );
    }
    first.together = count;
    this.#askedBytes += bytes;
    return lrange({ key, start, count, bytes });
  }

  #nextRoom(): Uint8Array {
    const [first] = this.#asked;
    this.#room = first && this.#replyOf(first).room();
    return this.#room ?? this.#idle;
  }

  #replyOf(asker: Asker): ListReply {
    const { together: most, question } = asker;
    const { count: own, bytes } = question;
    asker.reply ??= new ListReply({ own, most, left: this.#left, bytes }, this.#memory);
    return asker.reply;
  }

  #onBytes(size: number, room: Uint8Array): void {
    const [first] = this.#asked;
    if (first === undefined) {
      this.#closeFor('Redis said something that it was not asked for.');
      return;
    }
    const reply = this.#replyOf(first);
    if (room === this.#room) reply.wrote(size);
    else reply.put(room.subarray(0, size));
    this.#answer();
  }

  /** Passes on the answers that are whole. */
  #answer(): void {
    for (let first = this.#asked[0]; first !== undefined; first = this.#asked[0]) {
      const reply = this.#replyOf(first);
      const outcome = reply.outcome();
      if (outcome === undefined) return;
      this.#answered(first, outcome.kind === 'elements' ? outcome.elements : undefined);
      this.#left = reply.left;
      // It was for all that were asked for with that command.
      if (outcome.kind === 'refusal')
        for (
          let next = this.#asked[0];
          next !== undefined && next.together === undefined;
          next = this.#asked[0]
        )
          this.#answered(next, undefined);
      if (outcome.kind === 'foreign') {
        this.#closeFor('Redis gave an answer that is no list.');
        return;
      }
      this.#ask();
      const rest = reply.rest();
      const [next] = this.#asked;
      if (next !== undefined) this.#replyOf(next).put(rest);
      else if (rest.length > 0) this.#closeFor('Redis said something that it was not asked for.');
      else this.#connection.expectWithin(restsAtMost);
    }
  }

  #answered(asker: Asker, elements: Elements | undefined): void {
    this.#asked.shift();
    this.#askedBytes -= asker.question.bytes;
    asker.resolve(elements);
  }

  #onSilence(): void {
    if (this.#asked.length === 0) this.close();
    else
      this.#closeFor(
        `Redis said nothing for ${this.#timeout / 1000} s in the middle of an answer.`,
      );
  }

  #closeFor(reason: string): void {
    this.#reason ??= new Error(reason);
    this.close();
  }

  #onLoss(): void {
    this.#isOver = true;
    // In the words of the client library, which tell that the answer was cut off.
    for (const asker of this.#asked.splice(0))
      asker.reject(this.#reason ?? new Error('Connection is closed.'));
    for (const asker of this.#waiting.splice(0))
      asker.reject(this.#reason ?? new Error(lostBefore));
  }
}

const lostBefore = 'the connection was lost before Redis was asked';

function lrange({ key, start, count }: ListQuestion): string {
  const words = ['LRANGE', key, String(start), String(start + count - 1)];
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}
