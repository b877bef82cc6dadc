import type { Clock } from '../lib/clock.ts';

/** A standard stream, as far as commands use it. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a command may use of the process. Everything by argument, so that tests can give it. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborts when the operator stops the command. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** 0: done; 1: failed; 130: stopped by the operator. */
export type ExitCode = 0 | 1 | 130;
