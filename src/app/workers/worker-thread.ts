import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import { millis } from '../../lib/units.ts';
import { later, untilAborted } from '../../lib/waiting.ts';
import type { Answer, FromWorker, Question, ToWorker } from './messages.ts';

/** How a worker thread ended: with its work handed over, or by itself. */
export type Ending =
  | { readonly kind: 'ended'; readonly unsettled: number }
  | { readonly kind: 'died'; readonly reason: string; readonly stack: string | undefined };

/** What a thread gets to be gone in, once it is told to. */
const obeyingTime = millis(500);

interface Asked {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** The main thread's end of one worker thread, from its start to its exit. */
export class WorkerThread {
  /**
   * Resolves when the thread is gone, whatever ended it, or has been told to end and does not: nothing of ours runs in it any
   * more then, but the operating system keeps it in a call that does not return.
   */
  readonly ending: Promise<Ending>;
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #asked = new Map<number, Asked>();
  #questions = 0;
  #isOver = false;
  readonly #isGone = new AbortController();
  #reason: string | undefined;
  #gone: (code: number) => void = () => undefined;

  constructor(worker: Worker, onMessage: (message: FromWorker) => void, clock: Clock) {
    this.#worker = worker;
    this.#clock = clock;
    this.ending = new Promise((resolve) => {
      let ending: Ending | undefined;
      worker.on('message', (message: FromWorker) => {
        // Counted among what is over already, or of a thread that another has followed.
        if (this.#isOver) return;
        onMessage(message);
        if (message.kind === 'answer') this.#asked.get(message.id)?.resolve(message.answer);
        if (message.kind !== 'ended') return;
        ending = { kind: 'ended', unsettled: message.unsettled };
        // What is left of it are sockets and timers of libraries.
        this.end('it has ended');
      });
      worker.on('error', (error: unknown) => {
        const stack = error instanceof Error ? error.stack : undefined;
        ending ??= { kind: 'died', reason: this.#reason ?? explain(error), stack };
      });
      this.#gone = (code) => {
        const reason = this.#reason ?? `it ended with code ${code}`;
        this.#over(new Error('the worker is gone'));
        resolve(ending ?? { kind: 'died', reason, stack: undefined });
      };
      worker.on('exit', this.#gone);
    });
  }

  tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** Rejects when the worker is gone or the signal aborts. */
  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    if (this.#isOver) throw new Error('the worker is gone');
    const id = ++this.#questions;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.tell({ kind: 'ask', id, question });
    });
    try {
      return await untilAborted(answer, signal);
    } finally {
      this.#asked.delete(id);
    }
  }

  /** Ends the thread wherever it is. What it held stays pending in Redis. */
  end(reason: string): void {
    this.#reason ??= reason;
    this.#worker.terminate().catch(() => undefined);
    later(this.#clock, obeyingTime, () => this.#gone(0), this.#isGone.signal);
  }

  #over(error: Error): void {
    this.#isOver = true;
    this.#isGone.abort();
    for (const { reject } of this.#asked.values()) reject(error);
  }
}
