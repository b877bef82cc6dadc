import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A pump that takes part: a name, and a command whose `{conf}` becomes the configuration's path. */
export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  /** Laid over the configuration that all have. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** This checkout, built. `workers`: a value for `sluice.workers`; undefined leaves it at its default. */
export function ours(workers?: number, nodeOptions: readonly string[] = []): Contender {
  return {
    name: workers === undefined ? 'sluice' : `sluice, ${workers} worker${workers === 1 ? '' : 's'}`,
    command: [process.execPath, ...nodeOptions, builtMain(), '--conf', '{conf}'],
    config: workers === undefined ? {} : { sluice: { workers } },
  };
}

/** The baseline of bench/naive. */
export const naive = (): Contender => ({
  name: 'naive',
  command: [process.execPath, fileURLToPath(new URL('naive/pump.mjs', import.meta.url)), '{conf}'],
  config: {},
});

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
