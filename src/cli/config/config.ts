import { type EffectiveValue, fromText } from '../../config/effective.ts';
import { visible } from '../../lib/visible.ts';
import { configInJson } from '../../operate/config-in-json.ts';
import type { FindPump } from '../../pump/check-pumps.ts';
import { otherAccess, ownAccess } from '../ask-api.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { printJson } from '../json.ts';
import { table } from '../table.ts';
import { diffConfig } from './diff.ts';
import { loadEffective } from './load-effective.ts';

export type ConfigCommand = Extract<Command, { kind: 'config' }>;

/** `sluice config`: every option with its value in force and who said it, or what is otherwise in a running instance. */
export async function config(
  { flags, url }: ConfigCommand,
  context: CommandContext,
  tools: { readonly findPump: FindPump },
): Promise<ExitCode> {
  const loaded = await loadEffective(flags.conf, context, tools.findPump);
  if (loaded === undefined) return 1;
  if (flags.diff) {
    const { config: own } = await context.load(flags.conf);
    if (own === undefined) return 1;
    const access = url === '' ? await ownAccess(own, flags.token) : otherAccess(url, flags.token);
    if (access !== undefined) return diffConfig(loaded, access, context, flags.json);
    context.stderr.write(`sluice: error: ${visible(url)} is no address such as http://host:8083\n`);
    return 1;
  }
  const values = flags.said ? loaded.filter(({ from }) => from.kind !== 'default') : loaded;
  if (flags.json) printJson(context.stdout, configInJson(values));
  else for (const line of lines(values)) context.stdout.write(`${line}\n`);
  return 0;
}

const lines = (values: readonly EffectiveValue[]): readonly string[] =>
  table([
    ['OPTION', 'VALUE', 'FROM'],
    ...values.map(({ key, value, from }) => [key, valueText(value), fromText(from)]),
  ]);

/** As the file has it; a dash where there is none. */
export const valueText = (value: unknown): string => (value === null ? '–' : JSON.stringify(value));
