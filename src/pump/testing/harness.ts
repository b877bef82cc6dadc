import type { PreparedPump, PumpContext } from '../define-pump.ts';
import type { RecordOverrides } from './builders.ts';

/**
 * What a destination's protocol cannot know. Each one declared must be explained in the pump's README.
 * `receipt`: what was sent cannot be read back record by record. `outage`: a missing destination is not noticed,
 * neither by `deliver` nor by `check`.
 */
export type Unknowable = 'receipt' | 'outage';

/** A destination under test, and a pump that is configured for it. */
export interface SinkHarness {
  /** From the pump's `prepare` (see `aPreparedPump`), configured for this destination. */
  readonly pump: PreparedPump;
  /** What the pump needs of the context: for stdout, `writeOutput`. The rest is `aContext`'s. */
  readonly context?: Partial<PumpContext>;
  readonly cannotKnow?: readonly Unknowable[];
  /** Texts that must never be seen: the passwords and tokens of this configuration. */
  readonly secrets?: readonly string[];
  /** What every record has that is sent: what makes it one of those that this pump delivers. */
  readonly fields?: RecordOverrides;
  /** Makes a record that the destination refuses for its own sake. Leave out where there is none. */
  readonly poison?: RecordOverrides;
  /** What it refuses then: that record (unless said otherwise), or the whole request, without a word about which. */
  readonly refuses?: 'record' | 'request';
  /**
   * One text for each record the destination holds at this moment, once per copy, with the record's `path` in it (of an
   * uptime record its URL): a line, a row, a document as JSON. The suite looks for the paths it sent and ignores the rest.
   */
  received(): Promise<readonly string[]>;
  /** The destination goes away: a closed port, a folder that cannot be written. */
  break(): Promise<void>;
  /** It is back, at the same place, and answers. Also ends a stall; called too when nothing was broken. */
  restore(): Promise<void>;
  /** It takes a batch and does not answer, until `restore`. Leave out what cannot hang. */
  stall?(): Promise<void>;
  /** Takes everything down. Called once, after the last test. */
  stop(): Promise<void>;
}
