/**
 * Entries on their way. They wait in bounds, leave in batches, and one batch at a time: where nobody takes it, it waits and is
 * tried again, ever later; where it is refused, it is let go. What became of each entry is counted.
 */
export interface Counts {
  /** Taken, and written where records go. */
  readonly sent: number;
  /** Taken; whether they are written nobody knows yet. */
  readonly unconfirmed: number;
  /** That is no call, by the words of whom they were sent to, or a whole batch that was refused. */
  readonly refused: number;
  /** The oldest, at the bound. */
  readonly dropped: number;
  readonly waiting: number;
  /** Why the last batch was refused, or waits; empty: it was taken. */
  readonly trouble: string;
}

/** Resolves to the answer; rejects where there is none. */
export type Post = (body: string) => Promise<{ readonly status: number; readonly body: unknown }>;

export interface OutboxParts {
  readonly post: Post;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly changed: (counts: Counts) => void;
}

const mostEntries = 1000;
const mostBytes = 16 * 1024 * 1024;
const batchEntries = 100;
const batchBytes = 4 * 1024 * 1024;
/** Milliseconds: entries are gathered for so long, and so long is waited after failures. */
const gathering = 300;
const [firstPause, longestPause] = [1000, 30_000];

export class Outbox {
  readonly #parts: OutboxParts;
  #waiting: string[] = [];
  #bytes = 0;
  #isSending = false;
  /** How often all that waited was let go. */
  #clearings = 0;
  #counts = { sent: 0, unconfirmed: 0, refused: 0, dropped: 0, trouble: '' };

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** `entry`: one of HAR, as JSON. */
  add(entry: string): void {
    this.#waiting.push(entry);
    this.#bytes += entry.length;
    while (this.#waiting.length > mostEntries || this.#bytes > mostBytes) {
      this.#bytes -= this.#waiting.shift()?.length ?? 0;
      this.#counts.dropped += 1;
    }
    this.#tell();
    if (!this.#isSending) void this.#sendAll();
  }

  /** Lets go of what waits: nothing of it is to be sent any more, also not of a batch under way that would be tried again. */
  clear(): void {
    this.#clearings += 1;
    this.#counts.dropped += this.#waiting.length;
    this.#waiting = [];
    this.#bytes = 0;
    this.#tell();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    let pause = firstPause;
    await this.#parts.wait(gathering);
    while (this.#waiting.length > 0) {
      const [batch, clearings] = [this.#takeBatch(), this.#clearings];
      if (await this.#isDone(batch)) pause = firstPause;
      else if (clearings !== this.#clearings) {
        this.#counts.dropped += batch.length;
        this.#tell();
      } else {
        // In front, for they are the oldest.
        this.#waiting.unshift(...batch);
        this.#bytes += lengthOf(batch);
        this.#tell();
        await this.#parts.wait(pause);
        pause = Math.min(longestPause, 2 * pause);
      }
    }
    this.#isSending = false;
  }

  #takeBatch(): readonly string[] {
    let [count, bytes] = [0, 0];
    for (const entry of this.#waiting.slice(0, batchEntries)) {
      if (count > 0 && bytes + entry.length > batchBytes) break;
      count += 1;
      bytes += entry.length;
    }
    this.#bytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  /** False: it is to be tried again. */
  async #isDone(batch: readonly string[]): Promise<boolean> {
    const counts = this.#counts;
    try {
      const { status, body } = await this.#parts.post(`${batch.join('\n')}\n`);
      const { imported, error } = (body ?? {}) as Readonly<Record<string, unknown>>;
      if (status >= 500 || status === 429) {
        counts.trouble = `it answers ${status}, and is asked again`;
        return false;
      }
      // Nobody else answers so: a wrong address counts nothing as sent.
      const taken =
        (status === 200 || status === 202) && typeof imported === 'number' ? imported : 0;
      if (status === 200) counts.sent += taken;
      else counts.unconfirmed += taken;
      counts.refused += batch.length - taken;
      counts.trouble =
        taken > 0 ? '' : `refused with ${status}${typeof error === 'string' ? `: ${error}` : ''}`;
      this.#tell();
      return true;
    } catch {
      counts.trouble = 'nobody answers there, or does not permit this extension (origins)';
      return false;
    }
  }

  #tell(): void {
    this.#parts.changed({ ...this.#counts, waiting: this.#waiting.length });
  }
}

const lengthOf = (entries: readonly string[]): number =>
  entries.reduce((sum, { length }) => sum + length, 0);
