/**
 * How much of a route's attempts retries may take from fresh records that wait: a token bucket, its unit a full batch.
 * Fresh records earn it, retries spend it where they take a place that fresh records could have had. Without fresh
 * records in the way retries need none, so nothing waits for ever.
 */
export class RetryBudget {
  readonly #earnings: number;
  #allowance = mostSaved;

  /** `share` of the attempts, above 0 and below 1. */
  constructor(share: number) {
    this.#earnings = share / (1 - share);
  }

  /** Batches' worth of retries that may go now. */
  get allowance(): number {
    return this.#allowance;
  }

  /** A whole attempt of retries alone may go. */
  get coversBatch(): boolean {
    return this.#allowance >= almostOne;
  }

  earn(fresh: number): void {
    this.#allowance = Math.min(mostSaved, this.#allowance + fresh * this.#earnings);
  }

  spend(retries: number): void {
    this.#allowance = Math.max(0, this.#allowance - retries);
  }
}

/** What calm times may save up. */
export const mostSaved = 2;
/** Earnings are sums of fractions. */
const almostOne = 1 - 1e-9;
