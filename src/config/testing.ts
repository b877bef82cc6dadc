import { type Loaded, loadConfig } from './load.ts';
import { formatNote, formatProblem } from './problem.ts';

export interface Situation {
  /** The configuration file: text, or a value written as JSON. Absent: there is no such file. */
  readonly file?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  /** Other files by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly types?: readonly string[];
}

/** For tests: loads a configuration without a disk, with its problems as lines. */
export async function load(situation: Situation): Promise<
  Pick<Loaded, 'config'> & {
    readonly errors: readonly string[];
    readonly warnings: readonly string[];
    readonly notes: readonly string[];
  }
> {
  const { config, problems, notes } = await loaded(situation);
  const lines = (severity: 'error' | 'warning'): readonly string[] =>
    problems.filter((problem) => problem.severity === severity).map(formatProblem);
  return {
    config,
    errors: lines('error'),
    warnings: lines('warning'),
    notes: notes.map(formatNote),
  };
}

/** What must be masked, apart: everything else is shown to whoever reads a test's output. */
export const secretsOf = async (situation: Situation): Promise<readonly string[]> =>
  (await loaded(situation)).secrets;

function loaded({ file, env = {}, files = {}, types }: Situation): Promise<Loaded> {
  const all = new Map(Object.entries(files));
  if (file !== undefined)
    all.set('pump.conf', typeof file === 'string' ? file : JSON.stringify(file));
  return loadConfig({
    path: 'pump.conf',
    env,
    readFile(path) {
      const text = all.get(path);
      return text === undefined
        ? Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' }))
        : Promise.resolve(text);
    },
    ...(types === undefined ? {} : { types }),
  });
}

const redis = { host: '127.0.0.1', port: 6379 };

/** For tests: the smallest file without a warning or a note. */
export function aFile(
  over: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    purge_delay: 5,
    dont_purge_uptime_data: true,
    analytics_storage_config: redis,
    pumps: { stdout: {} },
    ...over,
  };
}
