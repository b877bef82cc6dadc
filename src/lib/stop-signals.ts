/** How what is under way ends: routes, and the worker threads that run them. */
export interface StopSignals {
  /** Take on nothing new; finish what is here. */
  readonly stop: AbortSignal;
  /** The grace is over. */
  readonly abandon: AbortSignal;
}
