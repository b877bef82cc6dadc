import { access, type FileHandle } from 'node:fs/promises';
import { type Fed, type FeedParts, feedRoute } from '../../app/feed-route.ts';
import { preparePumps } from '../../app/prepare.ts';
import type { Config } from '../../config/config.ts';
import { explain, StartError } from '../../lib/errors.ts';
import type { Mask } from '../../lib/mask.ts';
import { visible } from '../../lib/visible.ts';
import { recordWhere } from '../../operate/where.ts';
import type { CheckedPump, FindPump } from '../../pump/check-pumps.ts';
import { homeOf } from '../../route/controls/store.ts';
import type { DeadLetter } from '../../route/dead-letters/letter.ts';
import { type CommandContext, type ExitCode, loadOrSay } from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { printJson } from '../json.ts';
import { areKnown } from '../known-names.ts';
import { count } from '../progress.ts';
import type { ConnectRedis } from '../with-redis.ts';
import { askWhetherPaused, type PauseWatch } from './pause-watch.ts';
import { type Counts, recordsOf } from './records.ts';
import { makeRejectedFile, RejectedRecords } from './rejected.ts';

type FeedCommand = Extract<Command, { kind: 'feed' }>;

/** What feeding uses of the process beside what every command does. */
export type FeedTools = Pick<FeedParts, 'processId' | 'log' | 'writeOutput' | 'logTaken'> & {
  readonly mask: Mask;
  readonly connect: ConnectRedis;
  readonly findPump: FindPump;
};

/** So many of each kind are named; the others are counted. */
const mostNamed = 20;

/**
 * `sluice feed FILE… --route ROUTE`: records of files through one pump of the configuration, as the service would deliver
 * them. In Redis it reads whether the route is paused, and changes nothing: the books there are of what was claimed there.
 */
export async function feed(
  command: FeedCommand,
  context: CommandContext,
  tools: FeedTools,
): Promise<ExitCode> {
  const { flags } = command;
  const config = await loadOrSay(flags.conf, context);
  if (config === undefined) return 1;
  try {
    const pump = await pumpOf(flags.route, config, context, tools);
    if (pump === undefined || !(await areThere(command.files, context))) return 1;
    const watch = await askWhetherPaused(config.redis, pump.entry, context, tools.connect);
    try {
      const paused = watch.whyNot();
      if (paused === undefined)
        return await deliver({ command, config, pump, watch }, context, tools);
      context.stderr.write(`sluice: error: ${visible(paused)}; sluice route resume ends it\n`);
      return 1;
    } finally {
      await watch.end();
    }
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    context.stderr.write(`sluice: error: ${error.message}\n`);
    return 1;
  }
}

/** Undefined: why not has been said. */
async function pumpOf(
  route: string,
  config: Config,
  context: CommandContext,
  { findPump, log }: FeedTools,
): Promise<CheckedPump | undefined> {
  const names = config.pumps.map(({ name }) => name);
  if (!areKnown('route', [route], names, context)) return undefined;
  const wanted = config.pumps.filter(({ name }) => name.toLowerCase() === route.toLowerCase());
  const [pump] = await preparePumps(wanted, { findPump, admin: undefined, log });
  if (pump === undefined || pump.pump.servedAt.length === 0) return pump;
  context.stderr.write(
    `sluice: error: ${pump.entry.name} shows numbers of its own process, which would end with this command\n`,
  );
  return undefined;
}

/** Before the first record goes anywhere. */
async function areThere(
  files: readonly string[],
  { stderr }: Pick<CommandContext, 'stderr'>,
): Promise<boolean> {
  let isAll = true;
  for (const file of files) {
    const error: unknown = await access(file).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) continue;
    isAll = false;
    stderr.write(`sluice: error: ${visible(file)}: cannot be read: ${explain(error)}\n`);
  }
  return isAll;
}

interface Delivery {
  readonly command: FeedCommand;
  readonly config: Config;
  readonly pump: CheckedPump;
  readonly watch: PauseWatch;
}

async function deliver(
  { command: { files, flags }, config, pump, watch }: Delivery,
  context: CommandContext,
  { mask, ...tools }: FeedTools,
): Promise<ExitCode> {
  const { stderr, clock, signal } = context;
  const where = recordWhere(flags.where);
  if (!where.ok) {
    for (const lines of where.lines) stderr.write(`${lines}\n`);
    return 1;
  }
  let file: FileHandle | undefined;
  try {
    file = flags.rejected === '' ? undefined : await makeRejectedFile(flags.rejected);
  } catch (error) {
    stderr.write(`sluice: error: ${visible(flags.rejected)}: cannot be made: ${explain(error)}\n`);
    return 1;
  }
  const counts: Counts = { read: 0, leftOut: 0 };
  const unreadable = new Told(context, 'cannot be read');
  const rejected = new Told(context, 'were rejected');
  const records = recordsOf(
    {
      files,
      kind: pump.entry.records,
      home: homeOf(config.redis, pump.entry),
      selects: where.selects,
      onUnreadable: (name, line, reason) =>
        unreadable.tell(`${name}:${line === 0 ? ' the rest' : line}: ${reason}`),
      onTable: once(() => stderr.write(tableNote)),
    },
    counts,
  );
  const onRejected = ({ id, reason }: DeadLetter): void => rejected.tell(`${id}: ${reason}`);
  try {
    const { whyNot } = watch;
    const letters = new RejectedRecords({ file, mask, onRejected });
    const rate = flags.rate === 0 ? undefined : flags.rate;
    const fed = await feedRoute(
      { ...tools, config, pump, records, letters, rate, whyNot, clock },
      signal,
    );
    unreadable.end();
    rejected.end();
    const route = pump.entry.name;
    say({ route, fed, counts, unreadable: unreadable.number, isJson: flags.json }, context);
    if (!fed.isWhole) return fed.reason === undefined ? 130 : 1;
    return unreadable.number === 0 && fed.rejected === 0 ? 0 : 1;
  } finally {
    await file?.sync();
    await file?.close();
  }
}

/** Of what is in no row, or only in part (docs/routes.md). */
const tableNote =
  'CSV does not hold everything of a record: what it has cut or left out stays so (docs/routes.md, "Feeding from files").\n';

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

interface Result {
  readonly route: string;
  readonly fed: Fed;
  readonly counts: Counts;
  readonly unreadable: number;
  readonly isJson: boolean;
}

function say(
  { route, fed, counts, unreadable, isJson }: Result,
  { stdout, stderr }: CommandContext,
): void {
  const { delivered, rejected, filtered, isWhole, reason } = fed;
  const { read, leftOut } = counts;
  const unanswered = read - leftOut - delivered - rejected - filtered;
  if (isJson)
    printJson(stdout, {
      ...{ route, isWhole, read, leftOut, delivered, rejected, filtered, unanswered, unreadable },
      reason: reason ?? null,
    });
  else {
    const others = [
      [rejected, 'rejected'],
      [filtered, 'filtered by the configuration'],
      [leftOut, 'left out by --where'],
      [unanswered, 'read and not answered for'],
    ] as const;
    const rest = others.filter(([number]) => number > 0);
    const words = rest.map(([number, what]) => `, ${count(number)} ${what}`).join('');
    stdout.write(
      `${route}: ${count(delivered)} ${delivered === 1 ? 'record' : 'records'} delivered${words}.\n`,
    );
  }
  if (isWhole) return;
  const why = reason === undefined ? 'Stopped' : `Ended: ${visible(reason)}`;
  stderr.write(
    `${why}. The files are not delivered as a whole: feed them again; a sink that knows record ids stores each once.\n`,
  );
}

/** Names the first of many. */
class Told {
  readonly #context: Pick<CommandContext, 'stderr'>;
  readonly #what: string;
  #number = 0;

  constructor(context: Pick<CommandContext, 'stderr'>, what: string) {
    this.#context = context;
    this.#what = what;
  }

  get number(): number {
    return this.#number;
  }

  tell(text: string): void {
    this.#number += 1;
    if (this.#number <= mostNamed) this.#context.stderr.write(`${visible(text)}\n`);
  }

  end(): void {
    const more = this.#number - mostNamed;
    if (more > 0) this.#context.stderr.write(`… and ${count(more)} more ${this.#what}.\n`);
  }
}
