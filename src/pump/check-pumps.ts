import type { PumpEntry } from '../config/config.ts';
import type { Note, Problem } from '../config/problem.ts';
import type { PreparedPump, Pump } from './define-pump.ts';

/** What became of looking for a pump by its type. `missing`: Tyk Pump has it, this version does not. */
export type FoundPump =
  | { readonly outcome: 'found'; readonly pump: Pump }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'unknown' };

export type FindPump = (type: string) => Promise<FoundPump>;

/** A configured pump, checked: what a route is made of. */
export interface CheckedPump {
  readonly entry: PumpEntry;
  readonly kind: Pump;
  readonly pump: PreparedPump;
  /** Where to look for an option of `meta`: its variable or its place in the file. */
  readonly placeOf: (option: string) => Pick<Problem, 'source' | 'key'>;
}

export interface CheckedPumps {
  readonly usable: readonly CheckedPump[];
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  /** Texts of any of them that must be masked wherever they turn up. */
  readonly secrets: readonly string[];
  /** Entries of a type that is not there: the start leaves them out and goes on with the others. */
  readonly leftOut: readonly Problem[];
}

/** Has every entry checked by its pump; all problems at once. */
export async function checkPumps(
  entries: readonly PumpEntry[],
  findPump: FindPump,
): Promise<CheckedPumps> {
  const usable: CheckedPump[] = [];
  const problems: Problem[] = [];
  const notes: Note[] = [];
  const secrets: string[] = [];
  const leftOut: Problem[] = [];
  for (const entry of entries) {
    const found = await findPump(entry.type);
    if (found.outcome !== 'found') {
      leftOut.push(absent(entry, found.outcome));
      continue;
    }
    const { meta } = entry;
    const envPrefix = meta.envPrefix === '' ? found.pump.envPrefix : meta.envPrefix;
    const prepared = found.pump.prepare({ ...meta, envPrefix });
    problems.push(...prepared.problems);
    notes.push(...prepared.notes);
    secrets.push(...prepared.secrets);
    const { pump, placeOf } = prepared;
    if (pump !== undefined) usable.push({ entry, kind: found.pump, pump, placeOf });
  }
  return { usable, problems, notes, secrets, leftOut };
}

const absent = ({ name, type, meta }: PumpEntry, outcome: 'missing' | 'unknown'): Problem => ({
  ...(meta.isFileless === true
    ? { source: 'environment', key: `TYK_PMP_PUMPS_${name}_TYPE` }
    : { source: meta.source, key: `pumps.${name}.type` }),
  found: `"${type}"`,
  expected:
    outcome === 'missing'
      ? 'a type this version has; Tyk Pump has this one, Sluice does not yet, so the pump is left out'
      : 'a known type; the pump is left out',
  severity: 'error',
});
