import { formatProblem } from '../../config/problem.ts';
import { reviewRules } from '../../edit/review-rules.ts';
import { explain } from '../../lib/errors.ts';
import { visible } from '../../lib/visible.ts';
import { verbatim } from '../../operate/json.ts';
import { type GivenRecord, type Preview, preview } from '../../operate/preview.ts';
import type { CheckedPump, FindPump } from '../../pump/check-pumps.ts';
import { reviewPumps } from '../../pump/review-pumps.ts';
import { decoders } from '../../record/decoders.ts';
import { encodeMsgpack } from '../../record/encode/msgpack.ts';
import { type CommandContext, type ExitCode, loadOrSay } from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { printJson } from '../json.ts';
import { compare } from './compare.ts';
import { readTestFile, type TestFile, type TestRecord } from './test-file.ts';

export type TestCommand = Extract<Command, { kind: 'test' }>;

interface TestTools {
  readonly findPump: FindPump;
  readonly readFile: (path: string) => Promise<string>;
}

/** What became of a file. */
interface Result {
  readonly file: string;
  readonly previews: readonly Preview[];
  readonly failures: readonly { readonly route: string; readonly difference: string }[];
  readonly isCompared: boolean;
}

/** `sluice test FILE…`: what each pump would send of the records in the files, and whether that is what they expect. */
export async function test(
  { files, flags }: TestCommand,
  context: CommandContext,
  { findPump, readFile }: TestTools,
): Promise<ExitCode> {
  const routes = await routesOf(flags.conf, context, findPump);
  if (routes === undefined) return 1;
  const results: Result[] = [];
  let isRead = true;
  for (const file of files) {
    const read = await readOrSay(file, routes, context, readFile);
    if (read === undefined) isRead = false;
    else results.push(await play(file, read, routes, context));
  }
  const { stdout } = context;
  const isOk = isRead && results.every(({ failures }) => failures.length === 0);
  if (flags.json) printJson(stdout, inJson(isOk, results));
  else
    for (const result of results)
      for (const line of linesOf(result, flags.print)) stdout.write(`${visible(line)}\n`);
  return isOk ? 0 : 1;
}

/** The pumps of calls, each with what a review would have refused; undefined: that has been said. */
async function routesOf(
  conf: string,
  context: CommandContext,
  findPump: FindPump,
): Promise<readonly CheckedPump[] | undefined> {
  const config = await loadOrSay(conf, context);
  if (config === undefined) return undefined;
  const reviewed = await reviewPumps(config.pumps, { findPump, admin: config.health });
  const problems = [
    ...reviewed.leftOut,
    ...reviewed.problems,
    ...(await reviewRules(config.pumps)),
  ].filter(({ severity }) => severity === 'error');
  for (const problem of problems) context.stderr.write(`error: ${formatProblem(problem)}\n`);
  return problems.length > 0
    ? undefined
    : reviewed.usable.filter(({ entry }) => entry.records === 'analytics');
}

async function readOrSay(
  file: string,
  routes: readonly CheckedPump[],
  { stderr }: CommandContext,
  readFile: TestTools['readFile'],
): Promise<TestFile | undefined> {
  let text: string;
  try {
    text = await readFile(file);
  } catch (error) {
    stderr.write(`sluice: error: ${visible(file)}: ${explain(error)}\n`);
    return undefined;
  }
  const names = routes.map(({ entry }) => entry.name);
  const read = readTestFile(text, names);
  if (!('records' in read)) {
    for (const { key, found, expected } of read)
      stderr.write(
        `sluice: error: ${visible(`${file}: ${key}: found ${found}, expected ${expected}`)}\n`,
      );
    return undefined;
  }
  return read;
}

async function play(
  file: string,
  { records, expect }: TestFile,
  routes: readonly CheckedPump[],
  { clock }: CommandContext,
): Promise<Result> {
  const given = records.map(givenOf);
  const previews = await Promise.all(routes.map((route) => preview(route, given, clock)));
  const failures = previews.flatMap((each) => {
    const expected = expect?.get(each.route);
    const found = expected === undefined ? [] : compare(each, expected);
    return found.map((difference) => ({ route: each.route, difference }));
  });
  return { file, previews, failures, isCompared: expect !== undefined };
}

/** As the gateway would have written it. */
function givenOf({ fields, segment, index }: TestRecord): GivenRecord {
  const record = decoders
    .find(({ name }) => name === 'msgpack')
    ?.decode([encodeMsgpack(fields)])
    .record(0);
  if (record === undefined) throw new Error('a record that was written can be read');
  return { segment, index, record };
}

function linesOf(result: Result, isPrinted: boolean): readonly string[] {
  const { file, failures, previews, isCompared } = result;
  if (isPrinted || !isCompared) return [JSON.stringify({ expect: expectation(previews) })];
  const routes = new Set(failures.map(({ route }) => route));
  return failures.length === 0
    ? [`ok: ${file}`]
    : [
        `not ok: ${file}: ${[...routes].join(', ')}`,
        ...failures.map(({ route, difference }) => `  ${route}: ${difference}`),
      ];
}

/** What would be sent, as a file expects it. */
const expectation = (previews: readonly Preview[]): object =>
  Object.fromEntries(
    previews.map(({ route, records }) => [
      route,
      records.filter(({ outcome }) => outcome === 'sent').map(({ document }) => document),
    ]),
  );

const inJson = (isOk: boolean, results: readonly Result[]): object => ({
  ok: isOk,
  files: results.map(({ file, previews, failures }) => ({
    file,
    failures,
    routes: previews.map(({ records, ...each }) => ({
      ...each,
      records: records.map(({ document, ...rest }) => ({
        ...rest,
        document: verbatim(JSON.stringify(document)),
      })),
    })),
  })),
});
