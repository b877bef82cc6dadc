import type { SourceContext } from '#source';
import type { QuietLog } from '../listen/quiet-log.ts';
import type { Decide } from './decision.ts';
import type { RelayLimits } from './limits.ts';
import type { Meter } from './meter.ts';
import type { Places } from './places.ts';
import type { RelayOptions } from './relay.ts';
import type { Upstreams } from './upstream/upstreams.ts';

/** What a relay does with calls under way, whatever they are about. */
export interface CallUnderWay {
  /** Looks whether something has been waited for too long. `passed`: milliseconds since it was called last. */
  sweep(passed: number): void;
  /** Ends what is under way, because the relay does. */
  cut(): void;
}

/** What the parts of a relay share. */
export interface RelayParts {
  readonly source: RelayOptions['source'];
  readonly direction: RelayOptions['direction'];
  readonly context: SourceContext;
  readonly decide: Decide;
  readonly limits: RelayLimits;
  readonly meter: Meter;
  /** For what clients can make happen as often as they like. */
  readonly quietLog: QuietLog;
  readonly upstreams: Upstreams;
  /** Calls under way: the sweep looks at them. */
  readonly calls: Places<CallUnderWay>;
  /** The relay is closing: connections end with the next answer. */
  isClosing: boolean;
}
