import { type Ending, ignored, type Scene, type Side, type Stretch, type Talk } from '../talk.ts';
import type { Backlog } from './backlog.ts';

/** What is kept of a connection whose secrets may still come. */
const mostKept = 256 * 1024;

/** Keeps what is said until the secrets of the session are there, also beyond the end of the connection; a call of curl is over before. */
export class WaitingTalk implements Talk {
  readonly #scene: Scene;
  readonly #backlog: Backlog;
  readonly #open: () => Talk | undefined;
  /** It is read, or was given up. */
  isOver = false;

  /** `open` gives who reads it; undefined: not yet. */
  constructor(scene: Scene, backlog: Backlog, open: () => Talk | undefined) {
    this.#scene = scene;
    this.#backlog = backlog;
    this.#open = open;
  }

  data(from: Side, stretch: Stretch): void {
    this.#backlog.data(from, stretch);
    if (this.#backlog.bytes > mostKept) this.giveUp();
  }

  gap(from: Side, length: number, time: number): void {
    this.#backlog.gap(from, length, time);
  }

  finish(from: Side, time: number): void {
    this.#backlog.finish(from, time);
  }

  close(ending: Ending, time: number): void {
    this.#backlog.close(ending, time);
  }

  look(): void {
    if (this.isOver) return;
    const talk = this.#open();
    if (talk === undefined) return;
    this.isOver = true;
    this.#scene.become(talk);
    this.#backlog.replay(talk);
  }

  giveUp(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#backlog.drop();
    this.#scene.decryption('no-secrets');
    this.#scene.become(ignored);
  }
}
