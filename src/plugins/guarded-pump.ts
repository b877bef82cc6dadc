import { parseMeta } from '../config/options/parse.ts';
import { explain } from '../lib/errors.ts';
import type { Prepared, PreparedPump, Pump } from '../pump/define-pump.ts';
import type { WrongName } from '../pump/document.ts';
import type { Verdict } from '../pump/verdict.ts';
import { GuardedSink, verdictOf } from './guarded-sink.ts';

/**
 * The edge towards code that no compiler of ours has seen. What it gives is looked at once, here, so that the service may
 * trust it as it trusts its own pumps; and it is of our own classes, also where the pump brought a kit of its own.
 */
export function guardedPump(pump: Pump, file: string): Pump {
  return {
    ...pump,
    records: recordsOf(pump),
    prepare(source) {
      const refused = (found: string): Prepared => {
        // From the options themselves, for what was thrown may repeat one.
        const { problems, notes, secrets, placeOf } = parseMeta(pump.options, source);
        const expected = 'options with which the pump works, or a pump without this mistake';
        const at = { source: source.source, key: source.key };
        return {
          problems: [
            ...problems,
            { ...at, found: `${file}: ${found}`, expected, severity: 'error' },
          ],
          notes,
          secrets,
          placeOf,
          pump: undefined,
        };
      };
      try {
        const prepared = pump.prepare(source);
        const wrong = prepared.pump && wrongIn(prepared.pump);
        if (wrong !== undefined) return refused(wrong);
        return { ...prepared, pump: prepared.pump && guarded(prepared.pump) };
      } catch (error) {
        return refused(`a pump that throws at its options: ${explain(error)}`);
      }
    },
  };
}

const words = {
  repeats: ['harmless', 'stored-twice', 'counted-twice'],
  guarantee: ['effectively-once', 'at-least-once', 'best-effort'],
  workers: ['any', 'one'],
} as const satisfies Partial<{ [K in keyof PreparedPump]: readonly PreparedPump[K][] }>;

/** What the compiler would have said of a definition, for those who had none. */
function wrongIn(pump: PreparedPump): string | undefined {
  for (const name of ['repeats', 'guarantee', 'workers'] as const) {
    const known: readonly unknown[] = words[name];
    // Not trusted yet, whatever the type says.
    const said: unknown = pump[name];
    if (!known.includes(said))
      return `a pump whose ${name} is "${String(said)}" and not one of ${known.join(', ')}`;
  }
  const { limits } = pump;
  for (const [name, least] of [
    ['records', 1],
    ['bytes', 1],
    ['age', 0],
    ['inFlight', 1],
  ] as const) {
    // Not trusted yet: there may be no limits at all.
    const limit: unknown = (limits as Partial<typeof limits> | undefined)?.[name];
    if (typeof limit !== 'number' || !(limit >= least))
      return `a pump whose limits.${name} is ${String(limit)} and not a number of at least ${least}`;
  }
  return undefined;
}

/** One of an older kit says nothing of it: it is for calls. */
function recordsOf(pump: Pick<PreparedPump, 'records'>): PreparedPump['records'] {
  const said: unknown = pump.records;
  return said === 'uptime' ? 'uptime' : 'analytics';
}

function guarded(pump: PreparedPump): PreparedPump {
  return {
    ...pump,
    records: recordsOf(pump),
    mayKeepRecords: true,
    async open(context, signal) {
      return new GuardedSink(await pump.open(context, signal));
    },
    classify: (error) => believed(pump, error),
    checkDocument: (document) => wrongNamesOf(pump, document),
  };
}

function wrongNamesOf(
  pump: PreparedPump,
  document: Parameters<NonNullable<PreparedPump['checkDocument']>>[0],
): readonly WrongName[] {
  try {
    return [...(pump.checkDocument?.(document) ?? [])];
  } catch (error) {
    return [{ name: '', expected: `a pump that does not throw at names: ${explain(error)}` }];
  }
}

/** What the kit is to judge by itself is undefined: also where the pump throws, says no verdict, or calls it delivered. */
function believed(pump: PreparedPump, error: unknown): Verdict | undefined {
  try {
    const verdict = verdictOf(pump.classify(error));
    return verdict.outcome === 'delivered' ? undefined : verdict;
  } catch {
    return undefined;
  }
}
