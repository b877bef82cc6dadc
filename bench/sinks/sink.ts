import type { Encoding } from '../cell.ts';

/** Where the records of one run go, and how their arrival is seen. */
export interface BenchSink {
  /** Forgets everything; the entries of `pumps` for this run. */
  begin(run: SinkRun): Promise<Readonly<Record<string, unknown>>>;
  look(): Promise<Arrivals>;
  /** Milliseconds between two looks; each of them may cost the pump something. */
  readonly interval: number;
  close(): Promise<void>;
}

export interface SinkRun {
  readonly records: number;
  readonly encoding: Encoding;
  /** An empty folder. */
  readonly folder: string;
  /** The file that the pump's standard output goes to. */
  readonly stdout: string;
  /** Processor time of the pump so far, in seconds: the only sign of life of one that writes nowhere. */
  readonly pumpCpu: () => number;
}

export interface Arrivals {
  /** Different records that are there. */
  readonly arrived: number;
  readonly lost: number;
  /** Copies beyond the first, and records that nobody pushed. */
  readonly invented: number;
  /** When something new was last there, by `performance.now()`, where the sink knows better than its watcher. */
  readonly lastAt?: number;
  /** What is worth a note and no failure. */
  readonly note?: string;
}
