import { isObject } from '../../config/options/json.ts';
import { uptimeKey } from '../../config/tyk/uptime.ts';

/** One pump that is wanted, and the example that comes with its type: a whole configuration. */
export interface WantedPump {
  /** Key of its entry. */
  readonly name: string;
  readonly type: string;
  readonly records: 'analytics' | 'uptime';
  readonly example: unknown;
}

type Json = Readonly<Record<string, unknown>>;

/** A configuration to begin with: what the examples of these pumps say, and credentials taken out of what leaves. */
export function startingConfig(wanted: readonly WantedPump[]): Json {
  const uptime = wanted.find(({ records }) => records === 'uptime');
  const calls = wanted.filter(({ records }) => records === 'analytics');
  const of = (example: unknown, key: string): Json => {
    const value = isObject(example) ? example[key] : undefined;
    return isObject(value) ? value : {};
  };
  const first = wanted[0]?.example;
  return {
    analytics_storage_config: of(first, 'analytics_storage_config'),
    purge_delay: isObject(first) ? first['purge_delay'] : 5,
    // Without a pump for them uptime records stay where they are, which is to be said.
    ...(uptime === undefined
      ? { dont_purge_uptime_data: true }
      : { [uptimeKey]: of(uptime.example, uptimeKey) }),
    sluice: { records: { redact: ['secrets'] } },
    pumps:
      calls.length === 0
        ? of(uptime?.example, 'pumps')
        : Object.fromEntries(
            calls.map(({ name, type, example }) => [
              name,
              { ...of(of(example, 'pumps'), type), type },
            ]),
          ),
  };
}
