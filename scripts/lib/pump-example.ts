import { readFileSync } from 'node:fs';
import type { Pump } from '#pump';

interface Example {
  readonly uptime_pump_config?: object;
  readonly pumps: Readonly<Record<string, { readonly type: string; readonly meta?: object }>>;
}

/** What the example of a pump says to it: the `meta` of its entry, or what stands for it where there is no entry. */
export function exampleOptions({ type, records }: Pick<Pump, 'type' | 'records'>): object {
  const file = new URL(`../../pumps/${type}/example.json`, import.meta.url);
  const { pumps, uptime_pump_config } = JSON.parse(readFileSync(file, 'utf8')) as Example;
  if (records === 'uptime') return uptime_pump_config ?? {};
  const entry = Object.values(pumps).find((each) => each.type === type);
  if (entry === undefined) throw new Error(`the example of ${type} has no such pump`);
  return entry.meta ?? {};
}
