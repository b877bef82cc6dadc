import type { Config } from '../../config/config.ts';
import { explain } from '../../lib/errors.ts';
import { visible } from '../../lib/visible.ts';
import { recordJson } from '../../operate/dead/letter-in-json.ts';
import { recordWhere } from '../../operate/where.ts';
import { sourceLists } from '../../purge/lists.ts';
import { decoders } from '../../record/decoders.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { inspectSpill, type Seen, type SeenInstance, type SeenRoute } from '../../spill/inspect.ts';
import { readSpilled, type Spilled } from '../../spill/reading.ts';
import { listOf } from '../../spill/spill.ts';
import { type CommandContext, type ExitCode, loadOrSay } from '../command-context.ts';
import type { Command, SpillFlags } from '../command-line/command.ts';
import { age } from '../dead/print.ts';
import { printJson } from '../json.ts';
import { areKnown } from '../known-names.ts';
import { count } from '../progress.ts';
import { table } from '../table.ts';

export type SpillCommand = Extract<Command, { kind: 'spill' }>;

/** `sluice spill ls|show`: what waits on disk, in the folders of every instance. Changes nothing. */
export async function spill(
  { action, flags }: SpillCommand & { readonly action: 'ls' | 'show' },
  context: CommandContext,
  { host }: { readonly host: string },
): Promise<ExitCode> {
  const where = recordWhere(flags.where);
  if (!where.ok) {
    for (const line of where.lines) context.stderr.write(`${line}\n`);
    return 1;
  }
  if (action === 'ls' && saysWhere(flags, context)) return 1;
  const folder = await spillFolder(flags, context, host);
  if (folder === undefined) return 1;
  const { instances } = folder;
  const chosen = instances
    .filter(({ name }) => flags.instance.length === 0 || flags.instance.includes(name))
    .map((instance) => ({ ...instance, routes: instance.routes.filter(wants(flags)) }));
  if (action === 'show') return show(chosen, { flags, selects: where.selects }, context);
  if (flags.json) printJson(context.stdout, { instances: chosen.map(instanceInJson) });
  else list(chosen, context);
  return 0;
}

/** Whether an expression is said to an action that would pass over it in silence; then that is said. */
export function saysWhere({ where }: SpillFlags, { stderr }: CommandContext): boolean {
  if (where !== '')
    stderr.write("sluice: error: flag '--where' is one of 'spill show', try --help\n");
  return where !== '';
}

/** A folder that is there and holds what instances wrote, or nothing. */
export interface SpillFolder {
  readonly root: string;
  readonly instances: readonly SeenInstance[];
}

/**
 * The folder of the flags, else of the configuration, with what is in it. Undefined, and said: there is none, it is not
 * ours, or a flag names what is not in it. A mistyped folder must not read like one in which nothing waits.
 */
export async function spillFolder(
  flags: SpillFlags,
  context: CommandContext,
  host: string,
): Promise<SpillFolder | undefined> {
  const { conf, dir } = flags;
  // With the folder given, a machine without the configuration will do.
  const config: Config | undefined =
    dir === ''
      ? await loadOrSay(conf, context)
      : (await context.load(conf).catch(() => undefined))?.config;
  if (dir === '' && config === undefined) return undefined;
  const root = dir === '' ? (config?.bounds.spillDir ?? '') : dir;
  const refuse = (problem: string): SpillFolder | undefined => {
    context.stderr.write(`sluice: error: ${problem}\n`);
    return undefined;
  };
  if (root === '') return refuse('the configuration has no spill_dir; say --dir');
  const lists = sourceLists(config?.redis.keyPrefix ?? '', decoders);
  let seen: Seen;
  try {
    seen = await inspectSpill(root, host, (key) => listOf(key, lists));
  } catch (error) {
    return refuse(notThere(root, error));
  }
  const { instances, strangers } = seen;
  if (strangers.length > 0) {
    const names = strangers.slice(0, mostNamed).map(visible).join(', ');
    const holds = `${visible(root)} holds what no instance of Sluice wrote (${names}${strangers.length > mostNamed ? ', …' : ''})`;
    if (instances.length === 0)
      return refuse(`${holds}; it is left alone. Is it the right folder?`);
    context.stderr.write(`${holds}; that is left alone.\n`);
  }
  const names = instances.map(({ name }) => name);
  const routes = [
    ...(config?.pumps ?? []).map(({ name }) => name),
    ...instances.flatMap((instance) => instance.routes.map(({ route }) => route)),
  ];
  const isKnown =
    areKnown('instance', flags.instance, names, context) &&
    areKnown('route', flags.route, routes, context);
  return isKnown ? { root, instances } : undefined;
}

/** Of what is not ours, in a message. */
const mostNamed = 5;

function notThere(root: string, error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `there is no folder ${visible(root)}; an instance makes its spill_dir when it starts`;
    case 'ENOTDIR':
      return `${visible(root)} is no folder`;
    default:
      return `the folder ${visible(root)} cannot be read: ${explain(error)}`;
  }
}

const wants =
  ({ route }: SpillFlags) =>
  (seen: SeenRoute): boolean =>
    route.length === 0 || route.some((name) => name.toLowerCase() === seen.route.toLowerCase());

const titles = ['INSTANCE', 'HOLDER', 'ROUTE', 'RANGES', 'RECORDS', 'BYTES', 'OLDEST'];

const instanceInJson = ({ name, state, holder, routes }: SeenInstance): object => ({
  name,
  lock: state,
  ...(holder === undefined ? {} : { host: holder.host, pid: holder.pid }),
  routes: routes.map(({ route, bytes, ranges }) => {
    const sound = ranges.filter(({ isDamaged }) => !isDamaged);
    const oldest = Math.min(...sound.map(({ range }) => range.claimedAt));
    return {
      ...{ route, bytes },
      ranges: ranges.length,
      damaged: ranges.length - sound.length,
      records: ranges.reduce((sum, { range }) => sum + range.count, 0),
      ...(sound.length === 0 ? {} : { oldest: new Date(oldest).toISOString() }),
    };
  }),
});

function list(instances: readonly SeenInstance[], { stdout, clock }: CommandContext): void {
  const rows = instances.flatMap((instance) => {
    const about = [instance.name, holderOf(instance)];
    return instance.routes.length === 0
      ? [[...about, '-', '0', '0', '0', '-']]
      : instance.routes.map(({ route, ranges, bytes }) => {
          const records = ranges.reduce((sum, { range }) => sum + range.count, 0);
          const dates = ranges.filter(({ isDamaged }) => !isDamaged);
          const oldest = Math.min(...dates.map(({ range }) => range.claimedAt));
          const since = dates.length === 0 ? '-' : age(clock.now() - oldest);
          return [...about, route, count(ranges.length), count(records), count(bytes), since];
        });
  });
  if (rows.length === 0) stdout.write('Nothing waits on disk.\n');
  else for (const line of table([titles, ...rows])) stdout.write(`${line}\n`);
}

function holderOf({ state, holder }: SeenInstance): string {
  if (state === 'gone' || holder === undefined) return 'none';
  const who = `${holder.host} pid ${holder.pid}`;
  return state === 'held' ? who : `${who}?`;
}

interface Wanted {
  readonly flags: SpillFlags;
  readonly selects: (record: AnalyticsRecord) => boolean;
}

async function show(
  instances: readonly SeenInstance[],
  wanted: Wanted,
  { stdout, stderr, signal }: CommandContext,
): Promise<ExitCode> {
  const { limit, where } = wanted.flags;
  let shown = 0;
  for (const { name, routes } of instances)
    for (const { route, ranges } of routes)
      for (const spilled of ranges) {
        signal.throwIfAborted();
        const lines = await linesOf(spilled, wanted);
        if (lines === undefined) continue;
        if (shown++ === limit) {
          stdout.write('… and more: --limit, --instance, --route and --where choose.\n');
          return 0;
        }
        for (const line of [header(name, route, spilled), ...lines]) stdout.write(`${line}\n`);
      }
  if (shown > 0) return 0;
  stderr.write(where === '' ? 'Nothing waits on disk.\n' : 'No such record waits on disk.\n');
  return 1;
}

/** What is shown of a range below its header; undefined: it holds nothing that is asked for. */
async function linesOf(
  spilled: Spilled,
  { flags: { records, where }, selects }: Wanted,
): Promise<readonly string[] | undefined> {
  if (where === '') return records ? contents(spilled) : [];
  if (spilled.range.list.decoder.records !== 'analytics') return undefined;
  const { chunk } = (await readSpilled(spilled, spilled.range)).read;
  const selected = Array.from({ length: chunk.size }, (_, index) => chunk.record(index))
    .filter((record) => record !== undefined)
    .filter(selects);
  if (selected.length === 0) return undefined;
  return selected.map((record) => visible(recordJson(record, 'analytics')));
}

function header(
  instance: string,
  route: string,
  { file, offset, length, range, isDamaged }: Spilled,
) {
  const { segment, start, count: records, list: source } = range;
  const what = isDamaged
    ? 'damaged'
    : `${source.key} records ${segment}:${start}…${start + records - 1} claimed ${new Date(range.claimedAt).toISOString()}`;
  return visible(`${instance} ${route} ${file.name} at ${offset}, ${length} bytes: ${what}`);
}

async function contents(spilled: Spilled): Promise<readonly string[]> {
  const { chunk } = (await readSpilled(spilled, spilled.range)).read;
  const reasons = new Map(chunk.undecodable.map(({ index, reason }) => [index, reason]));
  return Array.from({ length: chunk.size }, (_, index) => {
    const record = chunk.record(index);
    return visible(
      record === undefined
        ? `no record: ${reasons.get(index) ?? ''}`
        : recordJson(record, spilled.range.list.decoder.records),
    );
  });
}
