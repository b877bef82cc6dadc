import type { Pump } from '#pump';
import { findPump, pumpTypes } from '../../pumps/index.ts';
import { group } from '../../src/config/options/collections.ts';
import { defaultText } from '../../src/config/options/default-text.ts';
import type { Option, OptionSet } from '../../src/config/options/option.ts';
import { ownOptions } from '../../src/config/own-options.ts';
import { entryOptions, globalOptions } from '../../src/config/service-options.ts';
import { exampleOptions } from './pump-example.ts';

/** What the configuration file may hold, as declared: the service's options, ours among them. */
const serviceOptions: OptionSet = {
  ...globalOptions,
  sluice: group(ownOptions, { doc: 'Options that Tyk Pump does not have.' }),
};

/** Where the default would say nothing to a reader, or would bring a warning. */
const chosen = {
  purge_delay: 10,
  analytics_storage_type: 'redis',
  analytics_storage_config: { type: 'redis', host: 'redis', port: 6379 },
  sluice: { retained_bytes: '256MiB' },
};

const stores = {
  secrets: {
    type: 'env',
    required: false,
    config: { prefix: 'SECRET_', uppercase: true },
  },
};

type Json = Readonly<Record<string, unknown>>;

/**
 * `config/example.json`: every option with its default, or with what `chosen` or the example of its pump says. The
 * options of an entry stand in the first one.
 */
export async function exampleConfig(): Promise<Json> {
  const pumps: Record<string, unknown> = {};
  // Either of the two pumps of uptime records has the options of both.
  let uptime: Json = {};
  for (const type of pumpTypes) {
    const found = await findPump(type);
    if (found.outcome !== 'found') continue;
    if (found.pump.records === 'uptime') {
      uptime = metaOf(found.pump);
      continue;
    }
    const common = Object.keys(pumps).length === 0 ? defaultsOf(entryOptions) : {};
    pumps[type] = { ...common, type, meta: metaOf(found.pump) };
  }
  const service = over(defaultsOf(serviceOptions), chosen);
  return { ...service, kv: { stores }, uptime_pump_config: uptime, pumps };
}

function metaOf(pump: Pump): Json {
  const { options } = pump;
  return over(defaultsOf(options), exampleOptions(pump) as Json);
}

const defaultsOf = (options: OptionSet): Json =>
  Object.fromEntries(Object.entries(options).map(([name, option]) => [name, defaultOf(option)]));

/** In the words of the file; `null` where there is none, which says nothing there. */
function defaultOf(option: Option<unknown>): unknown {
  switch (option.kind) {
    case 'group':
      return defaultsOf(option.members ?? {});
    case 'rows':
      return [];
    case 'secret':
      return '';
    case 'duration':
    case 'size':
    case 'mode':
      return defaultText(option) ?? null;
    default:
      return option.fallback ?? null;
  }
}

function over(below: Json, above: Json): Json {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const old = merged[key];
    merged[key] = isObject(old) && isObject(value) ? over(old, value) : value;
  }
  return merged;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
