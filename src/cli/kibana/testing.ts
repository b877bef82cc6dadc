import { loadConfig } from '../../config/load.ts';
import { systemClock } from '../../lib/clock.ts';
import { Secrets } from '../../lib/mask.ts';
import type { FindPump } from '../../pump/check-pumps.ts';
import { parseCommandLine } from '../command-line/parse-command-line.ts';
import { aContext } from '../testing.ts';
import { kibana } from './kibana.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  /** Of the tree: a test may import it, and src/ must not. */
  readonly pumps: { readonly findPump: FindPump; readonly pumpTypes: readonly string[] };
  readonly env?: Readonly<Record<string, string>>;
  /** What files hold, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs a line of `sluice kibana …` as main.ts does: with the real pumps, and masked. */
export async function runKibana(
  argv: readonly string[],
  { pumps: { findPump, pumpTypes }, env = {}, files = {} }: Surroundings,
): Promise<Ran> {
  const command = parseCommandLine(['kibana', ...argv], env);
  if (command.kind === 'usage') return { code: 1, out: '', err: `${command.message}\n` };
  if (command.kind !== 'kibana') throw new Error(`That is ${command.kind}.`);
  const secrets = new Secrets();
  const readFile = (path: string): Promise<string> => {
    const text = files[path];
    return text === undefined
      ? Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' }))
      : Promise.resolve(text);
  };
  const context = aContext({
    clock: systemClock,
    load: (path) => loadConfig({ path, env, readFile, types: pumpTypes }),
  });
  const learn = (texts: readonly string[]): void => secrets.learn(texts);
  const code = await kibana(command, context, { findPump, env, readFile, learn });
  return { code, out: secrets.mask(context.out()), err: secrets.mask(context.err()) };
}

/** A file with one elasticsearch pump, `ES`. */
export const aPumpFile = (meta: object, entry: object = {}): string =>
  JSON.stringify({
    analytics_storage_type: 'redis',
    analytics_storage_config: { type: 'redis', host: 'localhost', port: 6379 },
    pumps: { ES: { type: 'elasticsearch', ...entry, meta } },
  });
