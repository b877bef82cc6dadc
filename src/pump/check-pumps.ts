import type { PluginPlace, PumpEntry } from '../config/config.ts';
import type { OptionValue } from '../config/options/option-value.ts';
import { isLikeSpecifier } from '../config/plugin-specifier.ts';
import type { Note, Problem } from '../config/problem.ts';
import type { RecordKind } from '../record/record.ts';
import type { PreparedPump, Pump } from './define-pump.ts';
import { type Limits, loweredLimits } from './limits.ts';

/**
 * What became of looking for a pump by its type. `missing`: Tyk Pump has it, this version does not. `refused`: a module from
 * outside the tree that is not there or is no pump.
 */
export type FoundPump =
  | {
      readonly outcome: 'found';
      readonly pump: Pump;
      /** The file of a pump from outside the tree. */
      readonly from?: string;
    }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'refused'; readonly found: string; readonly expected: string };

/** `plugin`: of an entry whose type is a module from outside the tree. */
export type FindPump = (type: string, plugin?: PluginPlace) => Promise<FoundPump>;

/** A configured pump, checked: what a route is made of. */
export interface CheckedPump {
  readonly entry: PumpEntry;
  readonly kind: Pump;
  readonly pump: PreparedPump;
  /** The pump's, as far as the operator did not lower them: for the whole process. */
  readonly limits: Limits;
  /** Options of `meta` with their values and who said them. */
  readonly values: readonly OptionValue[];
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
    // The configuration has said so already.
    if (entry.plugin?.isAllowed === false) continue;
    const found = await findPump(entry.type, entry.plugin);
    if (found.outcome === 'refused') {
      // Unlike a type that nobody has, it was meant to be here: left out, its records would be lost for it in the end.
      const { found: what, expected } = found;
      problems.push({ ...placeIn(entry, 'type'), found: what, expected, severity: 'error' });
      continue;
    }
    if (found.outcome !== 'found') {
      leftOut.push(absent(entry, found.outcome));
      continue;
    }
    if (found.from !== undefined) {
      const text = `is a pump from outside: ${found.from}, which runs with the rights of the service`;
      notes.push({ ...placeIn(entry, 'type'), text });
    }
    if (found.pump.records !== entry.records) {
      const { type } = entry;
      const expected = otherKind[found.pump.records];
      problems.push({ ...placeIn(entry, 'type'), found: `"${type}"`, expected, severity: 'error' });
      continue;
    }
    const { meta } = entry;
    const envPrefix = meta.envPrefix === '' ? found.pump.envPrefix : meta.envPrefix;
    const prepared = found.pump.prepare({ ...meta, envPrefix });
    problems.push(...prepared.problems);
    notes.push(...prepared.notes);
    secrets.push(...prepared.secrets);
    const { pump, placeOf, values = [] } = prepared;
    if (pump === undefined) continue;
    const limits = loweredLimits(pump.limits, entry.limits);
    const isEncoded = found.pump.storesEncoded === true;
    if (isEncoded) problems.push(...decodingProblems(entry));
    const used = isEncoded ? withoutDecoding(entry) : entry;
    usable.push({ entry: used, kind: found.pump, pump, limits, values, placeOf });
  }
  return { usable, problems, notes, secrets, leftOut };
}

/** As in Tyk Pump: the readers of such a database expect base64 there. */
const withoutDecoding = (entry: PumpEntry): PumpEntry => ({
  ...entry,
  rawRequestDecoded: false,
  rawResponseDecoded: false,
});

function* decodingProblems(entry: PumpEntry): Iterable<Problem> {
  const expected = 'false: this pump stores base64, as in Tyk Pump; it has no effect';
  const told = { found: 'true', expected, severity: 'warning' } as const;
  if (entry.rawRequestDecoded) yield { ...placeIn(entry, 'raw_request_decoded'), ...told };
  if (entry.rawResponseDecoded) yield { ...placeIn(entry, 'raw_response_decoded'), ...told };
}

/** What a pump is told that stands where it gets none of its records. */
const otherKind: Readonly<Record<RecordKind, string>> = {
  uptime:
    'a pump of analytics records; one of uptime records is configured in `uptime_pump_config`',
  analytics: 'a pump of uptime records',
};

/** Source and key of an option of the entry: the variable if one set it, else its place in the file. */
export function placeIn(
  { meta, saidBy }: PumpEntry,
  option: string,
): Pick<Problem, 'source' | 'key'> {
  const variable = saidBy?.[option];
  return variable === undefined
    ? { source: meta.source, key: meta.key.replace(/meta$/, option) }
    : { source: 'environment', key: variable };
}

const absent = (
  { name, records, type, meta }: PumpEntry,
  outcome: 'missing' | 'unknown',
): Problem => ({
  ...(records === 'uptime'
    ? { source: meta.source, key: meta.key }
    : meta.isFileless === true
      ? { source: 'environment', key: `TYK_PMP_PUMPS_${name}_TYPE` }
      : { source: meta.source, key: `pumps.${name}.type` }),
  found: `"${type}"`,
  expected:
    outcome === 'missing'
      ? 'a type this version has; Tyk Pump has this one, Sluice does not yet, so the pump is left out'
      : `a known type${hintFor(type)}; the pump is left out`,
  severity: 'error',
});

const hintFor = (type: string): string =>
  isLikeSpecifier(type) ? ' (that of a module begins with "./", "/" or "npm:")' : '';
