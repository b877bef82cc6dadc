import type { Role } from '../../config/config.ts';
import { isObject } from '../../config/options/json.ts';
import { visible } from '../../lib/visible.ts';
import { later } from '../../lib/waiting.ts';
import { recordWhere } from '../../operate/where.ts';
import { type ApiAccess, otherAccess, ownAccess } from '../ask-api.ts';
import { type CommandContext, type ExitCode, loadOrSay } from '../command-context.ts';
import type { Command, TapFlags } from '../command-line/command.ts';
import { count } from '../progress.ts';
import { followTap, type TapEvent } from './follow.ts';
import { recordLine } from './record-line.ts';

export type TapCommand = Extract<Command, { kind: 'tap' }>;

export interface TapTools {
  /** Writes a line that is harmless already, with its colours. */
  readonly writePainted: (line: string) => void;
  readonly hasColours: boolean;
  /** Aborts when nobody reads what is printed any more. */
  readonly unread: AbortSignal;
}

/** `sluice tap`: records of a running instance as they pass. Ends with 0 at its limit and when the operator has seen enough. */
export async function tap(
  { flags }: TapCommand,
  context: CommandContext,
  tools: TapTools,
): Promise<ExitCode> {
  const { stderr, clock, signal } = context;
  const where = recordWhere(flags.where);
  if (!where.ok) {
    for (const lines of where.lines) stderr.write(`${lines}\n`);
    return 1;
  }
  const access = await accessOf(flags, context);
  if (access === undefined) return 1;
  const over = new AbortController();
  const until = AbortSignal.any([signal, tools.unread, over.signal]);
  if (flags.for > 0) later(clock, flags.for, () => over.abort(), until);
  let records = 0;
  for await (const event of followTap(access, pathOf(flags), { clock, signal: until })) {
    if (event.kind === 'refused') {
      stderr.write(`sluice: error: ${visible(access.url)}: ${linesOf(event.problem)}\n`);
      return 1;
    }
    if (say(event, access, { flags, context, tools }) !== 'record') continue;
    records += 1;
    if (records === flags.limit) break;
  }
  over.abort();
  return 0;
}

/** Of `--url`, or of the instance on this machine; undefined: why not has been said. */
export async function accessOf(
  { url, conf, token }: Pick<TapFlags, 'url' | 'conf' | 'token'>,
  context: CommandContext,
  role: Role = 'viewer',
): Promise<ApiAccess | undefined> {
  if (url !== '') {
    const access = otherAccess(url, token);
    if (access === undefined)
      context.stderr.write(
        `sluice: error: ${visible(url)} is no address such as http://host:8083\n`,
      );
    return access;
  }
  const config = await loadOrSay(conf, context);
  return config && ownAccess(config, token, role);
}

function pathOf({ route, where, rate }: TapFlags): string {
  const query = new URLSearchParams();
  for (const each of route) query.append('route', each);
  if (where !== '') query.append('where', where);
  query.append('rate', String(rate));
  return `/tap?${query.toString()}`;
}

function say(
  event: Exclude<TapEvent, { kind: 'refused' }>,
  { url }: ApiAccess,
  {
    flags,
    context: { stdout, stderr },
    tools: { writePainted, hasColours },
  }: {
    readonly flags: TapFlags;
    readonly context: CommandContext;
    readonly tools: TapTools;
  },
): unknown {
  if (event.kind === 'lost') {
    stderr.write(
      `sluice: warning: ${visible(url)}: ${linesOf(event.problem)}; it is tried again\n`,
    );
    return undefined;
  }
  if (event.kind === 'again') {
    stderr.write(`sluice: note: ${visible(url)} is there again\n`);
    return undefined;
  }
  const line = isObject(event.line) ? event.line : {};
  const { type, records } = line;
  if (type === 'beat') return type;
  // Names in a record are the gateway's, and stay as they are.
  if (flags.json) stdout.write(`${visible(JSON.stringify(line))}\n`);
  else if (type === 'record') writePainted(`${recordLine(line, hasColours ? painted : plain)}\n`);
  else if (type === 'skipped' && typeof records === 'number')
    stdout.write(`… ${count(records)} more passed unseen\n`);
  return type;
}

const plain = (text: string): string => text;

/** Parameters of SGR: failures of the server, of the caller, the rest. */
const painted = (text: string, status: number): string =>
  `\u001b[${status >= 500 ? 31 : status >= 400 ? 33 : 32}m${text}\u001b[39m`;

const linesOf = (problem: string): string => problem.split('\n').map(visible).join('\n');
