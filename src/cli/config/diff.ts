import type { EffectiveValue } from '../../config/effective.ts';
import { isObject } from '../../config/options/json.ts';
import { visible } from '../../lib/visible.ts';
import { verbatim } from '../../operate/json.ts';
import { type ApiAccess, askApi } from '../ask-api.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { printJson } from '../json.ts';
import { table } from '../table.ts';

/** An option that is otherwise in the file than in the running instance; `null`: there is none, or it is not there. */
interface Difference {
  readonly key: string;
  readonly file: unknown;
  readonly running: unknown;
}

/** `sluice config --diff`: what a restart or a reload would change. 0: nothing. */
export async function diffConfig(
  values: readonly EffectiveValue[],
  access: ApiAccess,
  context: CommandContext,
  isJson: boolean,
): Promise<ExitCode> {
  const answer = await askApi(access, '/configuration', context);
  const running = answer.ok ? runningValues(answer.body) : undefined;
  if (running === undefined) {
    const problem = answer.ok ? 'answers with no configuration' : answer.problem;
    context.stderr.write(`sluice: error: ${visible(access.url)}: ${visible(problem)}\n`);
    return 1;
  }
  const differences = differencesOf(values, running);
  if (isJson) printJson(context.stdout, { differences: verbatim(JSON.stringify(differences)) });
  else for (const line of lines(differences)) context.stdout.write(`${line}\n`);
  return differences.length === 0 ? 0 : 1;
}

/** Undefined: it is not what the API answers. */
function runningValues(body: unknown): ReadonlyMap<string, unknown> | undefined {
  const values = isObject(body) ? body['config'] : undefined;
  if (!Array.isArray(values)) return undefined;
  return new Map(
    values
      .filter(isObject)
      .flatMap(({ key, value }) => (typeof key === 'string' ? [[key, value]] : [])),
  );
}

/** In the order of the file, then what it does not have. */
function differencesOf(
  values: readonly EffectiveValue[],
  running: ReadonlyMap<string, unknown>,
): readonly Difference[] {
  const here = new Map(values.map(({ key, value }) => [key, value] as const));
  const keys = new Set([...here.keys(), ...running.keys()]);
  return [...keys]
    .map((key) => ({ key, file: here.get(key) ?? null, running: running.get(key) ?? null }))
    .filter(({ file, running: there }) => JSON.stringify(file) !== JSON.stringify(there));
}

const lines = (differences: readonly Difference[]): readonly string[] =>
  differences.length === 0
    ? ['The running instance has this configuration. Secrets are not compared.']
    : table([
        ['OPTION', 'RUNNING', 'FILE'],
        ...differences.map(({ key, file, running }) => [key, shown(running), shown(file)]),
      ]);

const shown = (value: unknown): string => (value === null ? '–' : JSON.stringify(value));
