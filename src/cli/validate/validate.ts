import { readFile } from 'node:fs/promises';
import type { RedisConfig } from '../../config/config.ts';
import { formatNote, formatProblem, type Problem } from '../../config/problem.ts';
import { reviewRules } from '../../edit/review-rules.ts';
import { explain } from '../../lib/errors.ts';
import type { FindPump } from '../../pump/check-pumps.ts';
import { reviewPumps } from '../../pump/review-pumps.ts';
import { tlsOptions } from '../../redis/options-tls.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import type { Command } from '../command-line/commands.ts';
import { type ConnectTools, tryConnections } from './try-connections.ts';

export type ValidateCommand = Extract<Command, { kind: 'validate' }>;

export interface ValidateTools extends ConnectTools {
  /** The registry of the pumps. */
  readonly findPump: FindPump;
}

/** `sluice validate`: every problem, one line each; `ok` where nothing stands in the way of a start. */
export async function validate(
  { flags }: ValidateCommand,
  context: CommandContext,
  tools: ValidateTools,
): Promise<ExitCode> {
  const { stdout } = context;
  const { config, pumps, problems: own, notes } = await context.load(flags.conf);
  const problems = [...own];
  const { findPump } = tools;
  const checked = await reviewPumps(pumps, { findPump, admin: config?.health });
  problems.push(
    ...checked.leftOut,
    ...checked.problems,
    ...(await reviewRules(pumps)),
    ...(config === undefined ? [] : await tlsProblems(config.redis, flags.conf)),
  );
  for (const problem of problems) stdout.write(`${problem.severity}: ${formatProblem(problem)}\n`);
  for (const note of [...notes, ...checked.notes]) stdout.write(`note: ${formatNote(note)}\n`);

  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const tried =
    config === undefined || errors > 0 || !flags.connect
      ? undefined
      : await tryConnections({ config, routes: checked.usable }, context, tools);
  const warnings = problems.length - errors + (tried?.warnings ?? 0);
  const isOk = errors === 0 && tried?.isUp !== false && !(flags.strict && warnings > 0);
  if (isOk) stdout.write(warnings === 0 ? 'ok\n' : `ok, ${counted(warnings, 'warning')}\n`);
  else stdout.write(`not ok: ${verdict({ errors, warnings, isConnected: tried?.isUp })}\n`);
  return isOk ? 0 : 1;
}

/** The start reads the certificates of Redis before it connects, and ends where they do not work. */
async function tlsProblems({ tls }: RedisConfig, source: string): Promise<readonly Problem[]> {
  if (tls === undefined) return [];
  try {
    await tlsOptions(tls, readFile);
    return [];
  } catch (error) {
    const key = 'analytics_storage_config.ssl_…';
    const expected = `certificates that work; ${explain(error)}`;
    return [{ source, key, found: 'a file that does not', expected, severity: 'error' }];
  }
}

function verdict(found: {
  readonly errors: number;
  readonly warnings: number;
  readonly isConnected: boolean | undefined;
}): string {
  const parts = [counted(found.errors, 'error'), counted(found.warnings, 'warning')];
  if (found.isConnected === false) parts.push('a connection failed');
  return parts.join(', ');
}

const counted = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? '' : 's'}`;
