import { readFile } from 'node:fs/promises';
import type { RedisConfig } from '../../config/config.ts';
import type { Located } from '../../config/locate.ts';
import { inFile, placed, shownLine } from '../../config/places.ts';
import { formatNote, formatProblem, type Note, type Problem } from '../../config/problem.ts';
import { reviewRules } from '../../edit/review-rules.ts';
import { explain } from '../../lib/errors.ts';
import type { FindPump } from '../../pump/check-pumps.ts';
import { reviewPumps } from '../../pump/review-pumps.ts';
import { tlsOptions } from '../../redis/options-tls.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { printJson } from '../json.ts';
import { placeIn } from './place-in.ts';
import { type ConnectTools, type Tried, tryConnections } from './try-connections.ts';

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
  const loaded = await context.load(flags.conf);
  const { config, pumps, problems: own, notes } = loaded;
  const problems = [...own];
  const { findPump } = tools;
  const checked = await reviewPumps(pumps, { findPump, admin: config?.health });
  problems.push(
    ...checked.leftOut,
    ...checked.problems,
    ...(await reviewRules(pumps)),
    ...(config === undefined ? [] : await tlsProblems(config.redis, flags.conf)),
  );
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const said = {
    problems: problems.map((problem) => ({ problem, at: placeIn(loaded, problem) })),
    notes: [...notes, ...checked.notes].map((note) => ({ note, at: placeIn(loaded, note) })),
  };
  // Connecting takes a while; what is known is said before it.
  const say = (lines: readonly string[]): void => {
    if (!flags.json) for (const line of lines) stdout.write(`${line}\n`);
  };
  say(linesOf(said));
  const tried =
    config === undefined || errors > 0 || !flags.connect
      ? undefined
      : await tryConnections({ config, routes: checked.usable }, context, tools);
  say((tried ?? []).flatMap(triedLines));
  const warned = (tried ?? []).flatMap(({ warnings = [] }) => warnings).length;
  const warnings = problems.length - errors + warned;
  const isUp = tried?.every(({ health }) => health.state !== 'down');
  const isOk = errors === 0 && isUp !== false && !(flags.strict && warnings > 0);
  say([verdict({ isOk, errors, warnings, isUp })]);
  if (flags.json) printJson(stdout, inJson({ isOk, errors, warnings, ...said, tried }));
  return isOk ? 0 : 1;
}

interface Counts {
  readonly isOk: boolean;
  readonly errors: number;
  readonly warnings: number;
}

/** With their places in the file. */
interface Findings {
  readonly problems: readonly { readonly problem: Problem; readonly at: Located | undefined }[];
  readonly notes: readonly { readonly note: Note; readonly at: Located | undefined }[];
}

const linesOf = ({ problems, notes }: Findings): readonly string[] => [
  ...problems.flatMap(({ problem, at }) => [
    `${problem.severity}: ${formatProblem(placed(problem, at))}`,
    ...shownLine(at),
  ]),
  ...notes.flatMap(({ note, at }) => [`note: ${formatNote(placed(note, at))}`, ...shownLine(at)]),
];

const triedLines = ({ name, health, warnings = [] }: Tried): readonly string[] => [
  `${name}: ${health.state === 'up' ? 'up' : `${health.state}: ${health.reason}`}`,
  ...warnings.map((warning) => `warning: ${name}: ${warning}`),
];

/** `tried` undefined: nobody asked for it, or it would be in vain. */
const inJson = ({
  isOk,
  errors,
  warnings,
  problems,
  notes,
  tried,
}: Counts & Findings & { readonly tried: readonly Tried[] | undefined }): object => ({
  ok: isOk,
  ...{ errors, warnings },
  problems: problems.map(({ problem: { source, key, found, expected, severity }, at }) => ({
    ...{ severity, source, ...inFile(at), key, found, expected },
  })),
  notes: notes.map(({ note: { source, key, text }, at }) => ({
    ...{ source, ...inFile(at), key, text },
  })),
  ...(tried === undefined
    ? {}
    : {
        connections: tried.map(({ name, health, warnings: said = [] }) => ({
          ...{ name, ...health },
          warnings: said,
        })),
      }),
});

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

function verdict(found: Counts & { readonly isUp: boolean | undefined }): string {
  const { isOk, errors, warnings, isUp } = found;
  if (isOk) return warnings === 0 ? 'ok' : `ok, ${counted(warnings, 'warning')}`;
  const parts = [counted(errors, 'error'), counted(warnings, 'warning')];
  if (isUp === false) parts.push('a connection failed');
  return `not ok: ${parts.join(', ')}`;
}

const counted = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? '' : 's'}`;
