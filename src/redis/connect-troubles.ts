import type { RedisConfig } from '../config/config.ts';
import { systemClock } from '../lib/clock.ts';
import { lookAt } from './connect-look.ts';
import type { OutageLog } from './connect-outage.ts';
import { type Trouble, troubleOf } from './connect-reasons.ts';

interface TroublesParts {
  readonly config: RedisConfig;
  readonly outage: OutageLog;
  readonly onTrouble: ((trouble: Trouble) => void) | undefined;
}

/** A look is a connection too: between two of them. */
const lookEvery = 5_000;
const mostLookedAt = 3;

/**
 * Why a connection is not up, as well as can be known. What the library leaves unexplained is looked into; what was
 * found stays until something else is known, for the library only goes on to say that it failed again.
 */
export class Troubles {
  readonly #parts: TroublesParts;
  #current: Trouble | undefined;
  #hasBeenUp = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  constructor(parts: TroublesParts) {
    this.#parts = parts;
  }

  get current(): Trouble | undefined {
    return this.#current;
  }

  /** The connection is up. */
  end(): void {
    this.#current = undefined;
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#hasBeenUp = true;
    this.#parts.outage.back();
  }

  /** Call for each failure. Resolves when it has been looked into. */
  async suffer(error: unknown, signal: AbortSignal): Promise<void> {
    const trouble = troubleOf(error);
    if (!trouble.isUnexplained) {
      this.#know(trouble, error);
      return;
    }
    this.#current ??= trouble;
    this.#parts.onTrouble?.(this.#current);
    // The end of a connection that worked is news by itself; of one that never did the reason is.
    if (this.#hasBeenUp) this.#parts.outage.away(error);
    await this.#look(trouble, signal);
    if (this.current?.isUnexplained === true) this.#parts.outage.away(error);
  }

  /** Nothing has been heard of the connection for a while. */
  async lookIfUnknown(signal: AbortSignal): Promise<void> {
    if (this.#current === undefined) await this.#look(undefined, signal);
  }

  #know(trouble: Trouble, error: unknown): void {
    this.#current = trouble;
    this.#parts.outage.away(error);
    this.#parts.onTrouble?.(trouble);
  }

  async #look(unexplained: Trouble | undefined, signal: AbortSignal): Promise<void> {
    // Where the sentinels answer it is the master that does not, and they know its address.
    const isMaster = this.#parts.config.mode === 'sentinel' && !isOfSentinels(unexplained);
    const now = systemClock.elapsed();
    if (this.#looking === undefined && !isMaster && now - this.#lookedAt >= lookEvery) {
      this.#lookedAt = now;
      this.#looking = this.#lookOnce(signal).finally(() => {
        this.#looking = undefined;
      });
    }
    await this.#looking;
  }

  async #lookOnce(signal: AbortSignal): Promise<void> {
    const { addresses, tls } = this.#parts.config;
    const known = this.#current;
    const usesTls = tls !== undefined;
    const found = await Promise.all(
      addresses.slice(0, mostLookedAt).map((address) => lookAt(address, { usesTls }, signal)),
    );
    const error = found.find((each) => each !== undefined);
    if (error === undefined || signal.aborted || this.#current !== known) return;
    this.#know(troubleOf(error), error);
  }
}

const isOfSentinels = (trouble: Trouble | undefined): boolean =>
  trouble?.reason.includes('All sentinels') === true;
