import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SinkName } from './cell.ts';
import { commitOf } from './measure/machine.ts';

/** A pump that takes part: a name, and a command whose `{conf}` becomes the configuration's path. */
export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  /** Laid over the configuration that all have. */
  readonly config: Readonly<Record<string, unknown>>;
  /** It can do nothing but this; left out: all. */
  readonly only?: SinkName;
}

/** This checkout, built. `workers`: a value for `sluice.workers`; undefined leaves it at its default. */
export function ours(workers?: number, nodeOptions: readonly string[] = []): Contender {
  return {
    name: workers === undefined ? 'sluice' : `sluice, ${workers} worker${workers === 1 ? '' : 's'}`,
    command: [process.execPath, ...nodeOptions, builtMain(), '--conf', '{conf}'],
    config: workers === undefined ? {} : { sluice: { workers } },
  };
}

/** This checkout with another binary of Node, and perhaps flags of it: `NODE --FLAG=…`. */
export function oursOn(commandLine: string): Contender {
  const [node = '', ...flags] = wordsOf(commandLine);
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const name = path.basename(node);
  return {
    name: ['sluice on', ...(name === 'node' ? [] : [name]), version, ...flags].join(' '),
    command: [node, ...flags, builtMain(), '--conf', '{conf}'],
    config: {},
  };
}

/** The baseline of bench/naive. */
export const naive = (): Contender => ({
  name: 'naive',
  command: [process.execPath, fileURLToPath(new URL('naive/pump.mjs', import.meta.url)), '{conf}'],
  config: {},
});

/** The floor of bench/bare. */
export const bare = (): Contender => ({
  name: 'bare reader',
  command: [process.execPath, fileURLToPath(new URL('bare/reader.mjs', import.meta.url)), '{conf}'],
  config: {},
  only: 'dummy',
});

/** Another checkout, built by its own `npm run build`: `commit d9456b5`, or its folder where that is no repository. */
export function against(folder: string): Contender {
  const main = path.resolve(folder, builtPath);
  if (!existsSync(main)) throw new Error(`${folder} has no ${builtPath}: run npm run build there.`);
  const commit = commitOf(folder);
  return {
    name: commit === undefined ? path.basename(path.resolve(folder)) : `commit ${commit}`,
    command: [process.execPath, main, '--conf', '{conf}'],
    config: {},
  };
}

const builtPath = path.join('dist', 'src', 'main.js');

/** Tyk Pump, or another pump that reads its configuration, from a command line in one text. */
export const tyk = (commandLine: string): Contender => ({
  name: 'tyk-pump',
  command: wordsOf(commandLine),
  config: {},
});

/** Words are set apart by blanks outside quotes; the quotes go, as in a shell. */
export const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  );

/** Where scripts/bench.mjs has built this checkout, or what the caller puts in its place. */
function builtMain(): string {
  const main = process.env['SLUICE_BENCH_MAIN'];
  if (main === undefined) throw new Error('Start this with npm run bench, which builds it first.');
  return path.resolve(main);
}
