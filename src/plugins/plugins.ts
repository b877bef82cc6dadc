import type { PluginPlace } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import { seconds } from '../lib/units.ts';
import { apiVersion } from '../pump/api-version.ts';
import type { FindPump, FoundPump } from '../pump/check-pumps.ts';
import { guardedPump } from './guarded-pump.ts';
import { type Located, locate } from './locate.ts';
import type { Modules } from './node-modules.ts';
import { pumpOf } from './plugin-module.ts';
import { type Refusal, refusal } from './refusal.ts';

export interface PluginParts {
  /** The pumps of the tree. */
  readonly findPump: FindPump;
  /** Types that no plugin may have. */
  readonly taken: readonly string[];
  readonly modules: Modules;
  readonly clock: Clock;
  /**
   * Addresses by `type`, of what has been found so far. A worker is given the main thread’s, and so loads the same module
   * whatever was installed meanwhile.
   */
  readonly located: Map<string, Located>;
}

/** For a module to load, whatever it does meanwhile. */
const patience = seconds(10);

/** Looks for pumps in the tree, and outside of it for those that an entry says so of. Each module is loaded once a thread. */
export function withPlugins(parts: PluginParts): FindPump {
  const found = new Map<string, Promise<FoundPump>>();
  return (type, plugin) => {
    if (plugin === undefined) return parts.findPump(type);
    const known = found.get(type) ?? load(type, plugin, parts);
    found.set(type, known);
    return known;
  };
}

async function load(
  type: string,
  { folder, isAllowed }: PluginPlace,
  parts: PluginParts,
): Promise<FoundPump> {
  if (!isAllowed) return refusal('code that nobody has allowed', 'a module of `sluice.plugins`');
  const place = parts.located.get(type) ?? (await locate(type, folder, parts.modules));
  if ('outcome' in place) return place;
  parts.located.set(type, place);
  const module = await imported(place, parts);
  if ('outcome' in module) return module;
  const pump = pumpOf(module.value, parts.taken);
  return 'outcome' in pump
    ? refusal(`${place.file}: ${pump.found}`, pump.expected)
    : { outcome: 'found', pump: guardedPump(pump, place.file), from: place.file };
}

async function imported(
  { url, file }: Located,
  { modules, clock }: PluginParts,
): Promise<{ readonly value: unknown } | Refusal> {
  const over = new AbortController();
  const late = refusal(
    `${file}, which has not finished loading after ${patience / 1000} s`,
    'a module that waits for nothing at its top level; connect in `open`',
  );
  try {
    return await Promise.race([
      modules.import(url).then((value) => ({ value })),
      clock.sleep(patience, over.signal).then(() => late),
    ]);
  } catch (error) {
    return refusal(
      `${file}, which cannot be loaded: ${explain(error)}${lineOf(error)}`,
      `a module that loads; this Sluice has apiVersion ${apiVersion} of sluice/pump`,
    );
  } finally {
    over.abort();
  }
}

/** Where it was thrown, as Node says it of an error in a module: its file and line, or nothing. */
function lineOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [line] = /file:\/\/[^\s)]+?:\d+/.exec(stack) ?? [];
  return line === undefined ? '' : ` (${line})`;
}
