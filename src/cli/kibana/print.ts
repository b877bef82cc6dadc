import { visible } from '../../lib/visible.ts';
import { verbatim } from '../../operate/json.ts';
import { type Import, shownProducts } from '../../operate/kibana/import-objects.ts';
import type { Installation } from '../../operate/kibana/install-template.ts';
import type { CommandContext } from '../command-context.ts';
import type { KibanaFlags } from '../command-line/command.ts';
import { printJson } from '../json.ts';
import { table } from '../table.ts';

type PrintFlags = Pick<KibanaFlags, 'json' | 'dry-run'>;
type Streams = Pick<CommandContext, 'stdout' | 'stderr'>;

/** What became of each object. */
export function printImport(found: Import, flags: PrintFlags, streams: Streams): void {
  const { product, version, objects, problems, isDone } = found;
  const isOk = problems.length === 0;
  if (flags.json) {
    const shown = objects.map(({ reason, ...object }) => ({
      ...object,
      state: stateOf(object.isThere, { isDone, reason }),
      reason: reason ?? null,
    }));
    printJson(streams.stdout, {
      ok: isOk,
      dryRun: flags['dry-run'],
      product,
      version: version ?? null,
      objects: shown,
      problems,
    });
    return;
  }
  const rows = objects.map(({ type, id, title, isThere, reason }) => [
    stateOf(isThere, { isDone, reason }),
    type,
    id,
    reason === undefined ? title : `${title}: ${reason}`,
  ]);
  const server = `${shownProducts[product]}${version === undefined ? '' : ` ${version}`}`;
  say(streams, [server, ...table(rows)]);
  for (const problem of problems) streams.stderr.write(`sluice: error: ${visible(problem)}\n`);
}

function stateOf(
  isThere: boolean,
  { isDone, reason }: { readonly isDone: boolean; readonly reason: string | undefined },
): string {
  if (reason !== undefined) return 'refused';
  if (isDone) return isThere ? 'replaced' : 'created';
  return isThere ? 'there' : 'missing';
}

const done = { missing: 'created', differs: 'replaced', foreign: 'replaced', same: 'unchanged' };

/** What became of each part. A dry run shows what would be sent as well. */
export function printInstallation(found: Installation, flags: PrintFlags, streams: Streams): void {
  const { engine, steps, problems, notes, isDone } = found;
  const isOk = problems.length === 0;
  if (flags.json) {
    const shown = steps.map(({ kind, name, state, path, body }) => ({
      ...{ kind, name, state: isDone ? done[state] : state, path },
      body: verbatim(JSON.stringify(body)),
    }));
    const { product, major, minor } = engine;
    printJson(streams.stdout, {
      ...{ ok: isOk, dryRun: flags['dry-run'], product, version: `${major}.${minor}` },
      ...{ parts: shown, problems, notes },
    });
    return;
  }
  const rows = steps.map(({ kind, name, state }) => [isDone ? done[state] : state, kind, name]);
  say(streams, table(rows));
  if (flags['dry-run'])
    for (const { path, body, state } of steps)
      if (state !== 'same') say(streams, ['', `PUT ${path}`, JSON.stringify(body, undefined, 2)]);
  for (const note of notes) streams.stderr.write(`note: ${visible(note)}\n`);
  for (const problem of problems) streams.stderr.write(`sluice: error: ${visible(problem)}\n`);
}

function say({ stdout }: Streams, lines: readonly string[]): void {
  for (const line of lines) stdout.write(`${line.split('\n').map(visible).join('\n')}\n`);
}
