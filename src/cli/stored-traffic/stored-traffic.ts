/** `sluice traffic`: what the pump of that name keeps, searched and shown. */

import { ByteWriter } from '../../lib/byte-writer.ts';
import { explain } from '../../lib/errors.ts';
import { millis } from '../../lib/units.ts';
import { visible } from '../../lib/visible.ts';
import { isAborted, pause } from '../../lib/waiting.ts';
import type { FindPump } from '../../pump/check-pumps.ts';
import { parseQuery } from '../../query/parse.ts';
import { renderProblem } from '../../query/problem.ts';
import type { Query } from '../../query/tree.ts';
import { fullShape } from '../../record/full-shape.ts';
import { harEntry, harHead, harTail } from '../../record/har/entry.ts';
import { jsonWriter } from '../../record/json/write.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import {
  type Completeness,
  groupFields,
  type StoredCall,
  type TrafficReader,
} from '../../traffic/query/port.ts';
import { CursorError, SqliteTraffic } from '../../traffic/read/sqlite-reader.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import type { Command, TrafficFlags } from '../command-line/command.ts';
import { printJson } from '../json.ts';
import { table } from '../table.ts';
import { type BodyForm, callLine, timeText, wholeCall } from './call-lines.ts';
import { curlOf } from './curl.ts';
import { plainBodies, redactorOf, type Show } from './shown-record.ts';
import { storeFolder } from './store-folder.ts';

type TrafficCommand = Extract<Command, { kind: 'traffic' }>;

interface TrafficTools {
  readonly findPump: FindPump;
  /** Writes a line that is harmless already, with its colours. */
  readonly writePainted: (line: string) => void;
  readonly hasColours: boolean;
  /** Aborts when nobody reads what is printed any more. */
  readonly unread: AbortSignal;
}

/** What the parts of the command share. */
interface Asking {
  readonly reader: TrafficReader;
  readonly flags: TrafficFlags;
  readonly context: CommandContext;
  readonly tools: TrafficTools;
}

export async function storedTraffic(
  command: TrafficCommand,
  context: CommandContext,
  tools: TrafficTools,
): Promise<ExitCode> {
  const { flags } = command;
  const wrong = wrongFlags(command);
  if (wrong !== undefined) return failed(context, wrong);
  const query = command.action === 'show' ? undefined : queryOf(command.expression, context);
  if (command.action === 'search' && query === undefined) return 1;
  const found = await storeFolder(flags, context, tools.findPump);
  if ('problem' in found) return failed(context, found.problem);
  let reader: TrafficReader;
  try {
    reader = await SqliteTraffic.open(found.folder);
  } catch (error) {
    return failed(context, `${found.folder}: ${explain(error)}`);
  }
  const asking = { reader, flags, context, tools };
  try {
    if (command.action === 'show') return await show(command.ids, asking);
    return query === undefined ? 1 : await search(query, asking);
  } catch (error) {
    if (error instanceof CursorError) return failed(context, `--after: ${error.message}`);
    return failed(context, `${found.folder}: ${explain(error)}`);
  } finally {
    reader.close();
  }
}

function failed({ stderr }: CommandContext, problem: string): ExitCode {
  stderr.write(`error: ${problem.split('\n').map(visible).join('\n')}\n`);
  return 1;
}

const bodyForms: readonly string[] = ['pretty', 'raw', 'hex', 'none'] satisfies BodyForm[];
const isBodyForm = (text: string): text is BodyForm => bodyForms.includes(text);

function wrongFlags({ action, flags }: TrafficCommand): string | undefined {
  const forms = ['json', 'har', 'curl', 'histogram'] as const;
  const said = forms.filter((name) => flags[name]).map((name) => `--${name}`);
  const kinds = [...said.filter((name) => name !== '--json'), ...(flags.by === '' ? [] : ['--by'])];
  if (kinds.length > 1) return `${kinds.join(' and ')} exclude each other`;
  if (flags.json && (flags.har || flags.curl)) return `${said.join(' and ')} exclude each other`;
  if (!isBodyForm(flags.body)) return '--body is another word, expected pretty, raw, hex or none';
  if (flags.by !== '' && !groupFields.some((field) => field === flags.by))
    return `--by is another word, expected one of ${groupFields.join(', ')}`;
  if (flags.follow && (flags.har || flags.histogram || flags.by !== '' || flags.after !== ''))
    return '--follow goes with lines, --json and --curl';
  if (action === 'show' && (flags.follow || flags.histogram || flags.by !== ''))
    return 'show prints whole calls: --follow, --histogram and --by are for a search';
  return undefined;
}

function queryOf(text: string, { stderr, clock }: CommandContext): Query | undefined {
  const parsed = parseQuery(text, clock.now());
  if (parsed.ok) return parsed.query;
  for (const problem of parsed.problems) stderr.write(`${renderProblem(text, problem)}\n`);
  return undefined;
}

async function search(query: Query, asking: Asking): Promise<ExitCode> {
  const { reader, flags, context } = asking;
  if (flags.by !== '') return countBy(query, asking);
  if (flags.histogram) return countInTime(query, asking);
  const begun = flags.follow ? await reader.arrivals({ query, limit: 1 }) : undefined;
  const { limit, after } = flags;
  const page = await reader.page({ query, limit, ...(after === '' ? {} : { after }) });
  const print = await printerOf(asking);
  if (flags.har) context.stdout.write(harHead);
  await print(begun === undefined ? page.calls : [...page.calls].reverse());
  if (flags.har) context.stdout.write(harTail);
  tell(page, context);
  if (begun !== undefined) return follow(query, begun.at, print, asking);
  if (page.next !== undefined)
    context.stderr.write(`note: there may be more: --after ${page.next}\n`);
  return 0;
}

/** How often to look for calls that have come. */
const everySecond = millis(1_000);

async function follow(
  query: Query,
  from: string,
  print: (calls: readonly StoredCall[]) => Promise<void>,
  { reader, context, tools }: Asking,
): Promise<ExitCode> {
  const { clock, signal } = context;
  const until = AbortSignal.any([signal, tools.unread]);
  for (let since = from; !isAborted(until); ) {
    const { calls, at } = await reader.arrivals({ query, limit: 1_000, since });
    await print(calls);
    const isAll = calls.length === 0 && at === since;
    since = at;
    if (isAll) await pause(clock, everySecond, until);
  }
  return 0;
}

/** Prints calls in the form that was asked for. */
async function printerOf(asking: Asking): Promise<(calls: readonly StoredCall[]) => Promise<void>> {
  const { reader, flags, context, tools } = asking;
  const { stdout } = context;
  const isWhole = flags.json || flags.har || flags.curl;
  if (!isWhole) {
    const paint = tools.hasColours ? painted : (text: string): string => text;
    return (calls) => {
      for (const call of calls) tools.writePainted(`${callLine(call, paint)}\n`);
      return Promise.resolve();
    };
  }
  const redact = await redactorOf(flags.unredacted);
  const plain = flags.json ? (record: AnalyticsRecord) => record : plainBodies();
  let written = 0;
  return async (calls) => {
    const records = await reader.records(calls.map(({ id }) => id));
    for (const { id } of calls) {
      const record = records.get(id);
      // It was dropped meanwhile.
      if (record === undefined) continue;
      stdout.write(formOf(id, redact(plain(record)), flags, written));
      written += 1;
    }
  };
}

function formOf(
  id: string,
  record: AnalyticsRecord,
  { har, curl }: TrafficFlags,
  at: number,
): string {
  if (har) return `${at === 0 ? '' : ',\n'}${visible(harEntry(record))}`;
  if (curl) return `${curlOf(record).split('\n').map(visible).join('\n')}\n`;
  return `${visible(jsonOf(id, record))}\n`;
}

const writeFull = jsonWriter(fullShape);

/** As `sluice tap` prints it: names of the record are the gateway's. */
function jsonOf(id: string, record: AnalyticsRecord): string {
  const out = new ByteWriter();
  writeFull(record, out);
  return `{"id":${JSON.stringify(id)},"record":${out.view().toString()}}`;
}

/** Parameters of SGR: failures of the server, of the caller, the rest. */
const painted = (text: string, status: number): string =>
  `\u001b[${status >= 500 ? 31 : status >= 400 ? 33 : 32}m${text}\u001b[39m`;

async function show(ids: readonly string[], asking: Asking): Promise<ExitCode> {
  const { reader, flags, context } = asking;
  const records = await reader.records(ids);
  const redact = await redactorOf(flags.unredacted);
  const form = isBodyForm(flags.body) ? flags.body : 'pretty';
  const isAsRecorded = flags.json || (!flags.har && !flags.curl && /^(?:raw|hex)$/.test(form));
  const plain: Show = isAsRecorded ? (record) => record : plainBodies();
  let shown = 0;
  if (flags.har) context.stdout.write(harHead);
  for (const id of ids) {
    const record = records.get(id);
    if (record === undefined) {
      context.stderr.write(`error: ${visible(id)}: the store has no such record\n`);
      continue;
    }
    const safe = redact(plain(record));
    if (flags.json || flags.har || flags.curl) context.stdout.write(formOf(id, safe, flags, shown));
    else
      for (const line of [...(shown > 0 ? [''] : []), ...wholeCall(id, safe, form)])
        context.stdout.write(`${line}\n`);
    shown += 1;
  }
  if (flags.har) context.stdout.write(harTail);
  return shown === ids.length ? 0 : 1;
}

async function countBy(query: Query, { reader, flags, context }: Asking): Promise<ExitCode> {
  const { limit } = flags;
  const by = groupFields.find((field) => field === flags.by) ?? 'host';
  const answer = await reader.groups({ query, by, limit });
  const { groups, isCut } = answer;
  if (flags.json) printJson(context.stdout, { by, groups, isCut, ...completenessOf(answer) });
  else
    for (const line of table([
      [by, 'calls', 'errors', 'mean latency'],
      ...groups.map(({ value, calls, errors, latency }) => [
        ...[value === '' ? '–' : value.slice(0, 200), String(calls), String(errors)],
        `${latency.toFixed(1)} ms`,
      ]),
    ]))
      context.stdout.write(`${line}\n`);
  tell(answer, context);
  if (isCut) context.stderr.write(`note: there are more than ${String(limit)}: --limit\n`);
  return 0;
}

const stretches = 40;
const longestBar = 40;

async function countInTime(query: Query, { reader, flags, context }: Asking): Promise<ExitCode> {
  const answer = await reader.histogram({ query, buckets: stretches });
  const { buckets, width } = answer;
  const most = Math.max(1, ...buckets.map(({ calls }) => calls));
  if (flags.json) {
    const inSeconds = buckets.map(({ from, ...counts }) => ({ from: timeText(from), ...counts }));
    printJson(context.stdout, {
      widthSeconds: width / 1e6,
      buckets: inSeconds,
      ...completenessOf(answer),
    });
  } else
    for (const line of table([
      ['from', 'calls', 'errors', ''],
      ...buckets.map(({ from, calls, errors }) => [
        ...[timeText(from), String(calls), String(errors)],
        '█'.repeat(Math.ceil((longestBar * calls) / most)),
      ]),
    ]))
      context.stdout.write(`${line}\n`);
  tell(answer, context);
  return 0;
}

const completenessOf = ({ isStopped, unread }: Completeness): Completeness => ({
  isStopped,
  unread,
});

/** What an answer leaves out. */
function tell({ isStopped, unread }: Completeness, { stderr }: CommandContext): void {
  if (isStopped)
    stderr.write(
      'warning: the search stopped, for it has read 256 MiB that no index decides about: other terms, such as last:15m, leave less\n',
    );
  for (const name of unread)
    stderr.write(`warning: ${visible(name)} is damaged and was left out\n`);
}
