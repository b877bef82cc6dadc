import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Answer, FromWorker, Question, ToWorker } from './messages.ts';

interface Waiter {
  readonly isCome: () => boolean;
  readonly resolve: () => void;
}

/** The main thread's end of a thread that a test runs in its own. */
export class MainEnd {
  /** The thread's end. */
  readonly port: MessagePort;
  readonly heard: FromWorker[] = [];
  readonly #own: MessagePort;
  #waiters: readonly Waiter[] = [];
  #questions = 0;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.#own = port2;
    port2.on('message', (message: FromWorker) => {
      this.heard.push(message);
      const come = this.#waiters.filter(({ isCome }) => isCome());
      this.#waiters = this.#waiters.filter((waiter) => !come.includes(waiter));
      for (const { resolve } of come) resolve();
    });
  }

  tell(message: ToWorker): void {
    this.#own.postMessage(message);
  }

  /** All of a kind, once there are as many. */
  async heardOf<K extends FromWorker['kind']>(kind: K, number = 1) {
    const all = () => this.heard.filter((each) => isOf(each, kind));
    const isCome = () => all().length >= number;
    if (!isCome())
      await new Promise<void>((resolve) => {
        this.#waiters = [...this.#waiters, { isCome, resolve }];
      });
    const [first, ...rest] = all();
    if (first === undefined) throw new Error('at least one is asked for');
    return [first, ...rest] as const;
  }

  async ask(question: Question): Promise<Answer | undefined> {
    const number = ++this.#questions;
    this.tell({ kind: 'ask', id: number, question });
    const answers = await this.heardOf('answer', number);
    return answers.find(({ id }) => id === number)?.answer;
  }

  /** Both ends are closed: nothing of the channel stays. */
  close(): void {
    this.#own.close();
  }
}

type Of<K extends FromWorker['kind']> = Extract<FromWorker, { readonly kind: K }>;

const isOf = <K extends FromWorker['kind']>(message: FromWorker, kind: K): message is Of<K> =>
  message.kind === kind;
