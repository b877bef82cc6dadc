import type { Environment } from '../options/environment.ts';
import { isObject, typeName } from '../options/json.ts';
import type { Problem } from '../problem.ts';

export const pumpsPrefix = 'TYK_PMP_PUMPS';

/** An entry before its options are read. */
export interface FoundPump {
  /** Upper case. */
  readonly name: string;
  /** Its key under `pumps` in the file, or the name. */
  readonly key: string;
  readonly raw: unknown;
  /** Variables configure it, perhaps on top of the file. */
  readonly isInEnvironment: boolean;
  readonly isInFile: boolean;
}

/** Finds the pumps of the file and of the environment (tyk-pump.md, "Pumps and their variables"). */
export function findPumps(
  raw: unknown,
  source: string,
  env: Environment,
): { readonly pumps: readonly FoundPump[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const pumps = new Map<string, FoundPump>();
  if (raw !== undefined && raw !== null && !isObject(raw)) {
    const found = typeName(raw);
    problems.push({ source, key: 'pumps', found, expected: 'an object', severity: 'error' });
  }
  for (const [key, entry] of isObject(raw) ? Object.entries(raw) : []) {
    const name = key.toUpperCase();
    const twin = pumps.get(name);
    if (twin !== undefined) {
      const expected = `a name that differs from "${twin.key}" in more than letter case`;
      const place = { source, key: `pumps.${key}` };
      problems.push({ ...place, found: typeName(entry), expected, severity: 'error' });
      continue;
    }
    pumps.set(name, { name, key, raw: entry, isInFile: true, isInEnvironment: false });
  }
  for (const variable of Object.keys(env)) {
    if (env[variable] === undefined || !variable.startsWith(`${pumpsPrefix}_`)) continue;
    const [first = '', ...rest] = variable.slice(pumpsPrefix.length + 1).split('_');
    // Tyk Pump also cuts the variable's text, which makes pumps of names such as `X=A`. Nobody means that.
    if (first === '' || rest.length === 0) {
      const expected = `a variable named ${pumpsPrefix}_<NAME>_<OPTION>`;
      const place = { source: 'environment', key: variable };
      problems.push({ ...place, found: 'text', expected, severity: 'warning' });
      continue;
    }
    const name = first.toUpperCase();
    const inFile = pumps.get(name);
    pumps.set(name, {
      ...(inFile ?? { name, key: name, raw: {}, isInFile: false }),
      isInEnvironment: true,
    });
  }
  return { pumps: [...pumps.values()], problems };
}
