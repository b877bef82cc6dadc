import type { Tracing } from '../lib/batch-trace.ts';
import type { Snapshot } from './metrics.ts';
import type { SaidLine } from './said-line.ts';

/** Who is told what the service measures, does and says. Nothing of it ever waits, fails or throws. */
export interface Telemetry {
  /** Undefined: nobody wants lines of the log. */
  readonly hear: ((line: SaidLine) => void) | undefined;
  /** Undefined: nobody wants traces. */
  readonly tracing: Tracing | undefined;
  /** Where metrics come from, from now on. */
  measure(source: () => Promise<Snapshot>): void;
  /** Sends what is left, if that is possible within a moment. */
  close(): Promise<void>;
}
