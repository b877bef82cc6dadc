/**
 * Where somebody may look at what the routes of one thread are about to send. With nobody listening it costs a look at one field
 * for each range; what listening needs is loaded for the first listener.
 */
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Item } from '../item.ts';
import type { Looker, TappedRoute } from './looker.ts';
import type { Tapped, TapWish } from './tapped.ts';

interface TapPointParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly onTapped: (tapped: Tapped) => void;
}

export class TapPoint {
  readonly #parts: TapPointParts;
  #looker: Looker | undefined;
  #wishes: readonly TapWish[] = [];

  constructor(parts: TapPointParts) {
    this.#parts = parts;
  }

  /** These listen from now on. Does not reject: who listens then sees nothing, and the routes go on. */
  async follow(wishes: readonly TapWish[]): Promise<void> {
    this.#wishes = wishes;
    if (wishes.length === 0) {
      this.#looker = undefined;
      return;
    }
    try {
      const { openLooker } = await import('./looker.ts');
      const looker = this.#looker ?? (await openLooker(this.#parts));
      // Others may have come and gone meanwhile.
      if (this.#wishes.length === 0) return;
      this.#looker ??= looker;
      this.#looker.follow(this.#wishes);
    } catch (error) {
      this.#parts.log.warn({ error: explain(error) }, 'A tap could not be opened.');
    }
  }

  /** These are about to be handed to the sink. Never throws. */
  passed(route: TappedRoute, items: readonly Item[]): void {
    const looker = this.#looker;
    if (looker === undefined) return;
    try {
      looker.look(route, items);
    } catch (error) {
      // A bug of ours must not end a route.
      this.#looker = undefined;
      this.#parts.log.warn({ error: explain(error) }, 'A tap failed and is closed.');
    }
  }
}
