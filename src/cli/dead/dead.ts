import { visible } from '../../lib/visible.ts';
import { configLists } from '../../operate/config-lists.ts';
import { countByReason } from '../../operate/dead/by-reason.ts';
import { type DeadDesk, redisDesk } from '../../operate/dead/desk.ts';
import { letterInJson } from '../../operate/dead/letter-in-json.ts';
import { whereOf } from '../../operate/dead/where.ts';
import type { DeadLetterPile } from '../../route/dead-letters/desk.ts';
import { type DeadLetter, undecodableRoute } from '../../route/dead-letters/letter.ts';
import { type CommandContext, type ExitCode, loadOrSay } from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { printJson } from '../json.ts';
import { knownLists } from '../known-lists.ts';
import { areKnown } from '../known-names.ts';
import { count } from '../progress.ts';
import { table } from '../table.ts';
import { type ConnectRedis, withRedis } from '../with-redis.ts';
import { exportLetters, type WriteOutput } from './export.ts';
import { letterPage, letterRow, letterTitles } from './print.ts';
import { reasonTable } from './reasons.ts';

export type DeadCommand = Extract<Command, { kind: 'dead' }>;

interface DeadTools {
  readonly writeOutput: WriteOutput;
}

/** `sluice dead ls|show|export|retry|purge`: over the Redis of the configuration. */
export async function dead(
  command: DeadCommand,
  context: CommandContext,
  { connect, ...tools }: DeadTools & { readonly connect: ConnectRedis },
): Promise<ExitCode> {
  const config = await loadOrSay(command.flags.conf, context);
  if (config === undefined) return 1;
  const configured = config.pumps.map(({ name }) => name);
  return withRedis({ config: config.redis, connect }, context, async (client) => {
    const lists = await configLists(client, config);
    const known = await knownLists(client, lists, context);
    const isAll = known.length === lists.length;
    if (!isAll && (command.action === 'retry' || command.action === 'purge')) return 1;
    const desk = redisDesk(client, known);
    const code = await workOn(desk, command, context, { ...tools, configured });
    return isAll ? code : 1;
  });
}

/** Whole routes are changed only on an explicit `--all`. */
export async function workOn(
  desk: DeadDesk,
  { action, flags }: DeadCommand,
  context: CommandContext,
  { configured, writeOutput }: DeadTools & { readonly configured: readonly string[] },
): Promise<ExitCode> {
  const { stdout, stderr, clock, signal } = context;
  const stray = strayFlag(action, flags);
  if (stray !== undefined) {
    stderr.write(`sluice: error: ${stray}, try --help\n`);
    return 1;
  }
  const where = whereOf(flags.where);
  if (!where.ok) {
    for (const lines of where.lines) stderr.write(`${lines}\n`);
    return 1;
  }
  const choice = { flags, holds: where.holds };
  if (flags.route.length > 0) {
    const known = [...configured, ...(await desk.routes()), undecodableRoute];
    if (!areKnown('route', flags.route, known, context)) return 1;
  }
  const piles = (await desk.piles()).filter(
    ({ route }) => flags.route.length === 0 || flags.route.some((name) => same(name, route)),
  );
  switch (action) {
    case 'ls': {
      if (flags['by-reason']) return byReason(desk, piles, choice, context);
      const { letters, more } = await some(desk, piles, choice, signal);
      if (flags.json) {
        printJson(stdout, { letters: letters.map((each) => letterInJson(each, false)), more });
        return 0;
      }
      const now = clock.now();
      const rows = letters.map((letter) => letterRow(letter, now));
      if (rows.length === 0) stdout.write('No dead letters.\n');
      else for (const line of table([letterTitles, ...rows])) stdout.write(`${line}\n`);
      if (more) stdout.write(`… and more: --limit, --route, --id and --where choose.\n`);
      return 0;
    }
    case 'show': {
      const { letters, more } = await some(desk, piles, choice, signal);
      if (flags.json)
        printJson(stdout, { letters: letters.map((each) => letterInJson(each, true)), more });
      else for (const letter of letters) stdout.write(`${letterPage(letter)}\n`);
      if (letters.length > 0) return 0;
      stderr.write('No such dead letter.\n');
      return 1;
    }
    case 'export':
      return exportLetters(
        {
          letters: all(desk, piles, choice, signal),
          file: flags.output,
          isDecoded: flags.decode,
          writeOutput,
        },
        context,
      );
    case 'retry':
    case 'purge': {
      if (flags.id.length === 0 && flags.where === '' && !flags.all) {
        stderr.write(`sluice: error: 'dead ${action}' needs --id, --where or --all, try --help\n`);
        return 1;
      }
      const changed = new Map<string, number>();
      for (const pile of piles)
        for (const ids of await chosen(desk, pile, choice, signal)) {
          const number = await desk[action]({ ...pile, ids });
          if (number > 0) changed.set(pile.route, (changed.get(pile.route) ?? 0) + number);
        }
      const done = [...changed.values()].reduce((sum, letters) => sum + letters, 0);
      if (flags.json) {
        const routes = [...changed].map(async ([route, letters]) => ({
          ...{ route, letters },
          ...(action === 'retry' ? { instance: await desk.runner(route) } : {}),
        }));
        printJson(stdout, { letters: done, routes: await Promise.all(routes) });
      } else {
        stdout.write(
          `${count(done)} ${done === 1 ? 'dead letter' : 'dead letters'} ${outcomes[action]}\n`,
        );
        if (action === 'retry')
          for (const route of changed.keys()) stdout.write(`${await whoDelivers(desk, route)}\n`);
      }
      return done > 0 || flags.id.length === 0 ? 0 : 1;
    }
    default:
      return action satisfies never;
  }
}

/** Said for another action, it would be passed over in silence. */
function strayFlag(action: DeadCommand['action'], flags: DeadCommand['flags']): string | undefined {
  const isStray = (of: DeadCommand['action'], said: boolean): boolean => action !== of && said;
  if (isStray('ls', flags['by-reason'])) return "flag '--by-reason' is one of 'dead ls'";
  if (isStray('export', flags.decode)) return "flag '--decode' is one of 'dead export'";
  return isStray('export', flags.output !== '')
    ? "flag '--output' is one of 'dead export'"
    : undefined;
}

async function byReason(
  desk: DeadDesk,
  piles: readonly DeadLetterPile[],
  choice: Choice,
  { stdout, clock, signal }: CommandContext,
): Promise<ExitCode> {
  const { json, limit } = choice.flags;
  const counts = await countByReason(all(desk, piles, choice, signal));
  const reasons = counts.slice(0, limit);
  const more = counts.length > limit;
  if (json) {
    printJson(stdout, { reasons, more });
    return 0;
  }
  if (reasons.length === 0) stdout.write('No dead letters.\n');
  else for (const line of reasonTable(reasons, clock.now())) stdout.write(`${line}\n`);
  if (more) stdout.write('… and more reasons: --limit, --route and --where choose.\n');
  return 0;
}

const outcomes = {
  retry: 'to be tried again; see sluice dead ls and sluice status.',
  purge: 'deleted.',
};

async function whoDelivers(desk: DeadDesk, route: string): Promise<string> {
  const runner = await desk.runner(route);
  const [what, work] =
    route === undecodableRoute
      ? ['What is no record is back in its list', 'claims it']
      : [visible(route), 'delivers them'];
  switch (runner.state) {
    case 'runs':
      return `${what}: a running instance ${work}.`;
    case 'seen':
      return `${what}: an instance was seen ${runner.secondsAgo} s ago; it ${work} if it still runs.`;
    case 'none':
      return `${what}: no instance runs that ${work}; they wait for one to start.`;
    default:
      return runner satisfies never;
  }
}

interface Choice {
  readonly flags: DeadCommand['flags'];
  readonly holds: (letter: DeadLetter) => boolean;
}

/** So many letters are named in one call. */
const mostNamed = 1_000;

/** Which letters of a pile are meant, in as many calls as that takes. With an expression each has to be looked at first. */
async function chosen(
  desk: DeadDesk,
  pile: DeadLetterPile,
  choice: Choice,
  signal: AbortSignal,
): Promise<readonly ('all' | readonly string[])[]> {
  const { id, where } = choice.flags;
  if (where === '') return [id.length === 0 ? 'all' : id];
  const ids: string[] = [];
  for await (const letter of all(desk, [pile], choice, signal)) ids.push(letter.id);
  return Array.from({ length: Math.ceil(ids.length / mostNamed) }, (_, at) =>
    ids.slice(at * mostNamed, (at + 1) * mostNamed),
  );
}

async function some(
  desk: DeadDesk,
  piles: readonly DeadLetterPile[],
  choice: Choice,
  signal: AbortSignal,
): Promise<{ readonly letters: readonly DeadLetter[]; readonly more: boolean }> {
  const letters: DeadLetter[] = [];
  for await (const letter of all(desk, piles, choice, signal)) {
    if (letters.length === choice.flags.limit) return { letters, more: true };
    letters.push(letter);
  }
  return { letters, more: false };
}

/** The letters that are meant, pile by pile. */
async function* all(
  desk: DeadDesk,
  piles: readonly DeadLetterPile[],
  { flags: { id }, holds }: Choice,
  signal: AbortSignal,
): AsyncGenerator<DeadLetter> {
  for (const pile of piles)
    for await (const letter of desk.list(pile)) {
      signal.throwIfAborted();
      if ((id.length === 0 || id.includes(letter.id)) && holds(letter)) yield letter;
    }
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
