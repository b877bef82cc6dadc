/**
 * What all parts of the page look at: one question every few seconds, asked only while the page can be seen. When the service does
 * not answer, what was known stays, with since when, and it is asked on, less often.
 */

import { ApiError, look } from './api.ts';
import type { Overview } from './api-types.ts';

export interface Seen {
  readonly overview: Overview | undefined;
  /** Why there is nothing newer; `since`: the last answer, or the first question. */
  readonly trouble:
    | { readonly reason: string; readonly status: number; readonly since: number }
    | undefined;
}

const usual = 2_000;
const longest = 10_000;

class Store {
  #seen: Seen = { overview: undefined, trouble: undefined };
  readonly #listeners = new Set<(seen: Seen) => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #underWay = false;
  #failures = 0;
  #lastGood = Date.now();

  get seen(): Seen {
    return this.#seen;
  }

  start(): void {
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.refresh();
      else clearTimeout(this.#timer);
    });
    void this.refresh();
  }

  listen(listener: (seen: Seen) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks now: after something was changed, or somebody came back. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#underWay) return;
    this.#underWay = true;
    try {
      const overview = await look<Overview>('/overview');
      this.#failures = 0;
      this.#lastGood = Date.now();
      this.#tell({ overview, trouble: undefined });
    } catch (error) {
      this.#failures += 1;
      const status = error instanceof ApiError ? error.status : 0;
      const reason = error instanceof Error ? error.message : String(error);
      this.#tell({
        overview: status === 401 || status === 403 ? undefined : this.#seen.overview,
        trouble: { reason, status, since: this.#lastGood },
      });
    } finally {
      this.#underWay = false;
      this.#schedule();
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (document.visibilityState !== 'visible') return;
    const status = this.#seen.trouble?.status;
    // Who is not let in asks no more until he says who he is.
    if (status === 401 || status === 403) return;
    const wait = Math.min(longest, usual * 2 ** Math.min(this.#failures, 3));
    this.#timer = setTimeout(() => void this.refresh(), wait);
  }

  #tell(seen: Seen): void {
    this.#seen = seen;
    for (const listener of this.#listeners) listener(seen);
  }
}

export const store = new Store();
