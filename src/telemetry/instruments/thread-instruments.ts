import type { Instruments } from '../../lib/instruments.ts';
import { watchGc } from './gc-pauses.ts';

/** What a thread has measured, as plain data that may cross threads. */
export interface Measured {
  readonly answered: readonly (readonly [pump: string, milliseconds: number])[];
  /** Of garbage collection, in nanoseconds. */
  readonly pauses: readonly number[];
}

/** Of a thread beside the main one, which tells the daemon. */
export interface ThreadInstruments extends Instruments {
  /** What was measured since the last call; undefined: nothing. */
  take(): Measured | undefined;
  close(): void;
}

export function createThreadInstruments(): ThreadInstruments {
  let answered: [string, number][] = [];
  let pauses: number[] = [];
  const unwatch = watchGc((more) => pauses.push(...more));
  return {
    // Claiming is the main thread's.
    claimed: () => undefined,
    purged: () => undefined,
    answered: (pump, time) => answered.push([pump, time]),
    take() {
      if (answered.length + pauses.length === 0) return undefined;
      const measured = { answered, pauses };
      answered = [];
      pauses = [];
      return measured;
    },
    close: unwatch,
  };
}
