import type { Millis } from './units.ts';

/** What a step is described by: bounded, and nothing of a record. */
export type StepAttributes = Readonly<Record<string, string | number | boolean>>;

/** Something that was done with a batch, and when, on the wall clock. */
export interface Step {
  readonly name: 'batch' | 'claim' | 'read' | 'edit' | 'deliver' | 'settle';
  readonly from: Millis;
  readonly to: Millis;
  readonly attributes: StepAttributes;
  /** Why it failed, if it did. */
  readonly failure?: { readonly kind: string; readonly message: string };
}

/** What became of a batch, from its claim to its settling. Plain data, which may cross threads. */
export interface BatchTrace {
  readonly whole: Step;
  readonly steps: readonly Step[];
}

/** Hears what became of some batches. Where nobody wants to know there is none, and nothing is noted down. */
export interface Tracing {
  /** Share of the batches that are followed, from 0 to 1. */
  readonly ratio: number;
  traced(trace: BatchTrace): void;
}
