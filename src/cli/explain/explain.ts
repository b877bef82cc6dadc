import { type EffectiveValue, effectiveConfig } from '../../config/effective.ts';
import { nearest } from '../../lib/nearest.ts';
import { visible } from '../../lib/visible.ts';
import { meaningOf } from '../../lib/vocabulary.ts';
import { configLists } from '../../operate/config-lists.ts';
import { readRecordId, recordFate } from '../../operate/record-fate.ts';
import { checkPumps, type FindPump } from '../../pump/check-pumps.ts';
import type { Pump } from '../../pump/define-pump.ts';
import { sourceLists } from '../../purge/lists.ts';
import { decoders } from '../../record/decoders.ts';
import { inspectSpill } from '../../spill/inspect.ts';
import { listOf } from '../../spill/spill.ts';
import {
  type CommandContext,
  type ExitCode,
  type LoadedConfig,
  loadOrSay,
} from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { printJson } from '../json.ts';
import { knownLists } from '../known-lists.ts';
import { table } from '../table.ts';
import { type ConnectRedis, withRedis } from '../with-redis.ts';
import { alertFacts, alertNames, alertPage } from './alert-page.ts';
import { bare, dictionary, findKey, findVariable, type Word } from './dictionary.ts';
import { metricFacts, metricNames, metricPage } from './metric-page.ts';
import { factsOf, optionPage } from './option-page.ts';
import { fateJson, fatePage, type SpilledFor } from './record-page.ts';
import { specialVariables } from './special-variables.ts';

export type ExplainCommand = Extract<Command, { kind: 'explain' }>;

interface ExplainTools {
  readonly findPump: FindPump;
  /** Types of the pumps in the tree. */
  readonly types: readonly string[];
  readonly connect: ConnectRedis;
  readonly host: string;
}

/** `sluice explain WORD`: what an option, a variable, a metric, an alert or a word of ours means, and what became of a record. */
export async function explainWord(
  command: ExplainCommand,
  context: CommandContext,
  tools: ExplainTools,
): Promise<ExitCode> {
  const { word, flags } = command;
  if (readRecordId(word) !== undefined) return explainRecord(command, context, tools);
  const say = (lines: readonly string[], json: object): ExitCode => {
    if (flags.json) printJson(context.stdout, json);
    else for (const line of lines) context.stdout.write(`${visible(line)}\n`);
    return 0;
  };
  const metric = metricFacts(word);
  if (metric !== undefined) return say(metricPage(metric), { metric });
  const alert = alertFacts(word);
  if (alert !== undefined) return say(alertPage(alert), { alert });
  const special = specialVariables.find(({ name }) => name === word.toUpperCase());
  if (special !== undefined) return say([special.name, `  ${special.doc}`], { variable: special });
  const loaded = await context.load(flags.conf).catch(() => undefined);
  const words = dictionary(await pumpsOf(tools));
  const typeOf = (pump: string): string | undefined =>
    loaded?.pumps.find(({ name }) => bare(name) === pump)?.type;
  const isVariable = /^[A-Z][A-Z\d]*_/i.test(word) && /^TYK_|^PMP_/i.test(word);
  const found = isVariable ? findVariable(words, word, typeOf) : findKey(words, word, typeOf);
  const means = found.length === 0 ? meaningOf(word.toLowerCase()) : undefined;
  if (means !== undefined)
    return say([word.toLowerCase(), `  ${means}`], { word: { word, means } });
  if (found.length === 0) return unknown(word, words, context);
  const values = loaded === undefined ? undefined : await valuesIn(loaded, flags.conf, tools);
  const facts = found.map((each) =>
    factsOf(
      each,
      values?.filter((value) => isOf(each, value, loaded)),
    ),
  );
  if (facts.length <= mostPages)
    return say(
      facts.flatMap((each, at) => [...(at === 0 ? [] : ['']), ...optionPage(each)]),
      { options: facts.map(factsJson) },
    );
  return say(
    [
      ...table(facts.map(({ key, type, doc }) => [key, type ?? '', doc])),
      '',
      `${facts.length} options are called so: say more of the key, or the type of the pump (${example(found)}).`,
    ],
    { options: facts.map(factsJson) },
  );
}

const mostPages = 3;

/** What an operator may type to mean one of many. */
function example(words: readonly Word[]): string {
  const [word] = words.filter(({ type }) => type !== undefined);
  const last = (key: string): string => key.split('.').at(-1) ?? '';
  return word === undefined ? (words[0]?.key ?? '') : `${word.type ?? ''}.${last(word.key)}`;
}

const factsJson = ({ values, ...facts }: ReturnType<typeof factsOf>): object => ({
  ...facts,
  values:
    values?.map(({ key, value, isSecret, from: { kind, ...from } }) => ({
      ...{ key, value, secret: isSecret, from: kind, ...from },
    })) ?? null,
});

async function pumpsOf({ types, findPump }: ExplainTools): Promise<readonly Pump[]> {
  const found = await Promise.all(types.map((type) => findPump(type)));
  return found.flatMap((each) => (each.outcome === 'found' ? [each.pump] : []));
}

async function valuesIn(
  { sections = [], locate = () => undefined, pumps }: LoadedConfig,
  path: string,
  { findPump }: ExplainTools,
): Promise<readonly EffectiveValue[]> {
  const { usable } = await checkPumps(pumps, findPump);
  return effectiveConfig({ path, sections, locate, pumps: usable });
}

/** Whether a value of the configuration is one of this option. */
function isOf(
  { key, type }: Word,
  value: EffectiveValue,
  loaded: LoadedConfig | undefined,
): boolean {
  if (!key.startsWith('pumps.')) return value.key === key;
  const [, , ...rest] = key.split('.');
  return (loaded?.pumps ?? []).some(
    ({ type: of, records, meta }) =>
      records === 'analytics' &&
      (type === undefined || type === of) &&
      value.key === `${meta.key.replace(/\.meta$/, '')}.${rest.join('.')}`,
  );
}

function unknown(word: string, words: readonly Word[], { stderr }: CommandContext): ExitCode {
  const names = [
    ...new Set(words.flatMap(({ key, variable }) => [key.split('.').at(-1) ?? '', variable ?? ''])),
    ...metricNames(),
    ...alertNames(),
    ...specialVariables.map(({ name }) => name),
  ].filter((name) => name !== '');
  const last = word.split('.').at(-1) ?? word;
  const asked = bare(last);
  const near = new Set(
    [nearest(word, names), nearest(last, names), ...names.filter((name) => isPart(asked, name))]
      .filter((name) => name !== undefined)
      .slice(0, mostHints),
  );
  const hint = near.size === 0 ? '' : `; did you mean ${[...near].join(', ')}?`;
  stderr.write(
    `sluice: error: no option, variable, metric, alert or record id '${visible(word)}'${hint}\n`,
  );
  return 1;
}

const mostHints = 6;
const isPart = (asked: string, name: string): boolean =>
  asked.length >= 4 && bare(name).includes(asked);

async function explainRecord(
  { word, flags }: ExplainCommand,
  context: CommandContext,
  { connect, host }: ExplainTools,
): Promise<ExitCode> {
  const config = await loadOrSay(flags.conf, context);
  if (config === undefined) return 1;
  return withRedis({ config: config.redis, connect }, context, async (client) => {
    const lists = await configLists(client, config);
    const known = await knownLists(client, lists, context);
    const fate = await recordFate(client, known, word);
    if (fate === undefined) return 1;
    const spilled = await spilledFor(word, config, host);
    if (flags.json) printJson(context.stdout, fateJson(fate, spilled));
    else for (const line of fatePage(fate, spilled)) context.stdout.write(`${visible(line)}\n`);
    return known.length === lists.length ? 0 : 1;
  });
}

/** Where this machine's disk has it. A folder that is not there holds nothing. */
async function spilledFor(
  id: string,
  { bounds, redis }: NonNullable<LoadedConfig['config']>,
  host: string,
): Promise<readonly SpilledFor[]> {
  const named = readRecordId(id);
  if (bounds.spillDir === '' || named === undefined) return [];
  const lists = sourceLists(redis.keyPrefix, decoders);
  const seen = await inspectSpill(bounds.spillDir, host, (key) => listOf(key, lists)).catch(
    () => undefined,
  );
  return (seen?.instances ?? []).flatMap(({ name, routes }) =>
    routes.flatMap(({ route, ranges }) =>
      ranges
        .filter(
          ({ isDamaged, range }) =>
            !isDamaged &&
            range.segment === named.segment &&
            range.start <= named.index &&
            named.index < range.start + range.count,
        )
        .map(({ file }) => ({ instance: name, route, file })),
    ),
  );
}
