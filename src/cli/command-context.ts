import type { Config, PumpEntry } from '../config/config.ts';
import type { Section } from '../config/effective.ts';
import type { Locate } from '../config/locate.ts';
import { formatNote, formatProblem, type Note, type Problem } from '../config/problem.ts';
import type { Clock } from '../lib/clock.ts';

/** A standard stream, as far as commands use it. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface LoadedConfig {
  /** Undefined when a problem is an error. */
  readonly config: Config | undefined;
  /** Those that could be read, also where something else is broken. */
  readonly pumps: readonly PumpEntry[];
  readonly problems: readonly Problem[];
  /** Accepted, and not what one might think. */
  readonly notes: readonly Note[];
  /** Every option that could be read, with its value; of the pumps without their `meta`. */
  readonly sections?: readonly Section[];
  /** Where a key stands in the file. */
  readonly locate?: Locate;
}

/** What a command may use of the process. Everything by argument, so that tests can give it. */
export interface CommandContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  /** Aborts when the operator stops the command. */
  readonly signal: AbortSignal;
  /** Reads the file at `path` and the environment. */
  readonly load: (path: string) => Promise<LoadedConfig>;
}

/** 0: done; 1: failed; 130: stopped by the operator. */
export type ExitCode = 0 | 1 | 130;

/** The configuration; where it has errors, says each and gives undefined. What is worked on by default is said as well. */
export async function loadOrSay(
  path: string,
  { load, stderr }: CommandContext,
): Promise<Config | undefined> {
  const { config, problems, notes } = await load(path);
  for (const problem of problems)
    if (problem.severity === 'error') stderr.write(`error: ${formatProblem(problem)}\n`);
  for (const note of notes) if (note.isForAll === true) stderr.write(`note: ${formatNote(note)}\n`);
  return config;
}
