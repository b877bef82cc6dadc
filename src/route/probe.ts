import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import { type Millis, millis } from '../lib/units.ts';
import { inTime, later, pause, unlessAborted } from '../lib/waiting.ts';
import type { Health } from '../pump/sink.ts';

export interface ProbeParts {
  readonly clock: Clock;
  /** Asks the sink. */
  readonly check: (signal: AbortSignal) => Promise<Health>;
  /** Hears every answer. */
  readonly onAnswer: (health: Health) => void;
}

/** An answer this young is not asked for again. */
const freshFor = millis(2_000);
/** What a sink may take to answer. Less than the page of /ready may take. */
const answerTime = millis(3_000);
/** What whoever asks waits: probes of Kubernetes give up after a second where nobody says otherwise. */
const askerWaits = millis(750);
/** How often a sink is asked that nobody asks for, so that log and metric know what the page would say. */
const lookEvery = millis(30_000);
const lookEveryWhileDown = millis(5_000);

/**
 * Asks a sink how it is, for all who want to know: one question at a time, however many ask. Who asks while a question
 * is under way gets its answer, or after a moment the answer before it.
 *
 * A sink that does not even obey its signal is not asked again before it has.
 */
export class Probe {
  readonly #parts: ProbeParts;
  #last: { readonly health: Health; readonly at: Millis } | undefined;
  #underWay: Promise<Health> | undefined;
  #isStuck = false;
  #isOver = false;
  #giveUp: () => void = () => undefined;

  constructor(parts: ProbeParts) {
    this.#parts = parts;
  }

  /** How the sink is, as far as that is known within a moment. Does not reject. */
  async ask(): Promise<Health> {
    const { clock } = this.#parts;
    const last = this.#last;
    if (last !== undefined && clock.elapsed() - last.at < freshFor) return last.health;
    return inTime(this.answer(), { clock, time: askerWaits }, () => last?.health ?? noAnswerYet);
  }

  /** The answer to the question under way, or to a new one. Does not reject. */
  answer(): Promise<Health> {
    this.#underWay ??= this.#question().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  /** Asks at once, and now and then until the signal aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      const { state } = await this.answer();
      await pause(clock, state === 'down' ? lookEveryWhileDown : lookEvery, signal);
    }
  }

  /** Gives up what is under way: the sink is about to be closed. */
  end(): void {
    this.#isOver = true;
    this.#giveUp();
  }

  async #question(): Promise<Health> {
    const health = this.#isStuck ? noAnswer : await this.#asked();
    this.#last = { health, at: this.#parts.clock.elapsed() };
    if (!this.#isOver) this.#parts.onAnswer(health);
    return health;
  }

  async #asked(): Promise<Health> {
    if (this.#isOver) return closing;
    const { clock } = this.#parts;
    const asking = new AbortController();
    const answered = new AbortController();
    this.#isStuck = true;
    const answer = this.#check(asking.signal).finally(() => {
      this.#isStuck = false;
      answered.abort();
    });
    this.#giveUp = () => asking.abort(new Error(closing.reason));
    const tooLate = (): void => asking.abort(new DOMException(noAnswer.reason, 'TimeoutError'));
    later(clock, answerTime, tooLate, answered.signal);
    // What is given up is said in our words: the sink only knows that it was interrupted.
    const heard = await unlessAborted(answer, undefined, asking.signal);
    return heard ?? this.#silence;
  }

  /** What no answer means. */
  get #silence(): Health {
    return this.#isOver ? closing : noAnswer;
  }

  async #check(signal: AbortSignal): Promise<Health> {
    try {
      return await this.#parts.check(signal);
    } catch (error) {
      return { state: 'down', reason: explain(error) };
    }
  }
}

const down = (reason: string) => ({ state: 'down', reason }) as const;
const noAnswer = down(`no answer within ${answerTime / 1000} s`);
const noAnswerYet = down('no answer yet');
const closing = down('the sink is being closed');
