import { writeFile } from 'node:fs/promises';
import { isObject } from '../../config/options/json.ts';
import { explain } from '../../lib/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import { visible } from '../../lib/visible.ts';
import type { FindPump } from '../../pump/check-pumps.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { startingConfig, type WantedPump } from './starting-config.ts';

export type NewCommand = Extract<Command, { kind: 'new' }>;

interface NewTools {
  readonly findPump: FindPump;
  /** Types of the pumps in the tree. */
  readonly types: readonly string[];
  /** The example of a type, as JSON. */
  readonly readExample: (type: string) => Promise<string>;
}

/** `sluice new PUMP…`: a configuration to begin with, for the pumps that are named. Asks nothing and connects to nothing. */
export async function newConfig(
  { pumps, flags }: NewCommand,
  { stdout, stderr }: CommandContext,
  tools: NewTools,
): Promise<ExitCode> {
  const refuse = (problem: string): ExitCode => {
    stderr.write(`sluice: error: ${problem}\n`);
    return 1;
  };
  const wanted: WantedPump[] = [];
  for (const word of pumps) {
    const found = await wantedOf(word, tools);
    if (typeof found === 'string') return refuse(found);
    const twin = wanted.find(({ name }) => name.toUpperCase() === found.name.toUpperCase());
    if (twin !== undefined)
      return refuse(
        `${visible(found.name)} is named twice; give each a name of its own, such as ${visible(found.name)}2=${found.type}`,
      );
    if (found.records === 'uptime' && wanted.some(({ records }) => records === 'uptime'))
      return refuse('there can be one pump of uptime records alone');
    wanted.push(found);
  }
  const config = startingConfig(wanted);
  const text = `${JSON.stringify(config, undefined, 2)}\n`;
  if (flags.output === '') stdout.write(text);
  else {
    try {
      // For it will hold passwords.
      await writeFile(flags.output, text, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      const why =
        (error as NodeJS.ErrnoException).code === 'EEXIST'
          ? 'is there already, and is not written over'
          : `cannot be made: ${explain(error)}`;
      return refuse(`${visible(flags.output)}: ${why}`);
    }
  }
  const file = flags.output === '' ? 'FILE' : visible(flags.output);
  stderr.write(
    `Look at these: ${['analytics_storage_config', ...settingsOf(config)].join(', ')}. Then: sluice validate --connect --conf ${file}\n`,
  );
  return 0;
}

/** `TYPE`, or `NAME=TYPE`. A text: what is wrong with it. */
async function wantedOf(
  word: string,
  { types, findPump, readExample }: NewTools,
): Promise<WantedPump | string> {
  const [, name = '', said = word] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
  const type = said.toLowerCase();
  if (word.includes('=') && !/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name))
    return `${visible(name) === '' ? 'an empty text' : visible(name)} is no name for a pump; letters, digits and - make one`;
  const found = types.includes(type) ? await findPump(type) : undefined;
  if (found?.outcome !== 'found') {
    const guess = nearest(type, types);
    const hint = guess === undefined ? '' : `; did you mean ${guess}?`;
    return `no pump ${visible(said)}${hint} (there are ${types.join(', ')})`;
  }
  const example: unknown = JSON.parse(await readExample(type));
  return { name: name === '' ? type : name, type, records: found.pump.records, example };
}

/** What the examples say of the destinations, which is nobody's own. */
const settingsOf = ({ pumps, uptime_pump_config: uptime }: ReturnType<typeof startingConfig>) => [
  ...Object.entries(isObject(pumps) ? pumps : {}).flatMap(([name, entry]) =>
    isObject(entry) && isObject(entry['meta']) ? [`pumps.${name}.meta`] : [],
  ),
  ...(uptime === undefined ? [] : ['uptime_pump_config']),
];
