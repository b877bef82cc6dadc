import convict from 'convict';
import { ContractError } from '../lib/errors.ts';

/**
 * The only file that knows convict. convict holds the schema (doc, default, variable, whether it is sensitive), lays
 * the file over the defaults and the environment over the file, and calls every option's check. It must never
 * interpret a value itself, because it does so wrongly ("0" is true, "81abc" is 81, list items are not trimmed, a
 * numeric default is enough to make it parse numbers, an object default makes it parse JSON and throw from its
 * constructor). Three rules keep it from that:
 *
 * - every format is a function and every default a text or null: then convict has nothing to coerce;
 * - a value from the file travels in a list of one: convict neither coerces nor merges lists, while it would merge an
 *   object into the default and flatten it in front of the check;
 * - names hold no dot, for a dot makes convict nest.
 *
 * Its error messages repeat values; they are thrown away, since each check reports its own problem.
 */
export interface Setting {
  readonly name: string;
  readonly doc: string;
  /** The default in words. Null: there is none. */
  readonly default: string | null;
  readonly isRequired: boolean;
  readonly isSensitive: boolean;
  readonly env: string | undefined;
  /** Takes what was said. False: it is wrong, and has been reported. */
  readonly check: (said: Said) => boolean;
}

export type Said =
  | { readonly by: 'nobody' }
  | { readonly by: 'file'; readonly raw: unknown }
  | { readonly by: 'environment'; readonly text: string };

export interface Layers {
  /** Values by setting name. */
  readonly file: ReadonlyMap<string, unknown>;
  /** Texts by variable name. */
  readonly env: ReadonlyMap<string, string>;
}

/** Lays the layers over each other and calls every check once, also after one has failed. */
export function applyLayers(settings: readonly Setting[], layers: Layers): void {
  let failures = 0;
  const schema: convict.Schema<Record<string, unknown>> = {};
  for (const setting of settings) {
    schema[safe(setting.name)] = {
      doc: setting.doc,
      default: setting.default,
      // With null as default and `nullable`, convict does not call the check; `optional` values stay undefined.
      nullable: setting.default === null && !setting.isRequired,
      sensitive: setting.isSensitive,
      ...(setting.env === undefined ? {} : { env: setting.env }),
      format(value: unknown): void {
        if (setting.check(saidBy(setting, value, layers))) return;
        failures++;
        throw new Error('wrong value');
      },
    };
  }
  try {
    // Without `args` and `env` convict would read the process's own.
    convict(schema, { args: [], env: Object.fromEntries(layers.env) })
      .load(Object.fromEntries([...layers.file].map(([name, raw]) => [safe(name), [raw]])))
      .validate({ allowed: 'strict' });
  } catch (error) {
    if (failures === 0) throw new ContractError('a set of options is no valid schema', error);
  }
}

const safe = (name: string): string => name.replaceAll('.', '/');

function saidBy(setting: Setting, value: unknown, { env }: Layers): Said {
  if (Array.isArray(value)) return { by: 'file', raw: value[0] };
  const text = setting.env === undefined ? undefined : env.get(setting.env);
  // Else convict changed a value, or took one from somewhere else than the layers.
  if (value !== (text ?? setting.default)) throw new ContractError('a value nobody gave');
  return text === undefined ? { by: 'nobody' } : { by: 'environment', text };
}
