/** Another configuration for a process that runs, and what it says of it. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { until } from '../services/process.ts';
import { metric, type PumpProcess } from './pump.ts';

interface Reload {
  readonly hash: string;
  readonly under_way: boolean;
  readonly last: {
    readonly outcome: string;
    readonly by: string;
    readonly routes: Readonly<Record<'added' | 'removed' | 'changed' | 'unchanged', string[]>>;
    readonly settings: readonly string[];
    readonly at_next_start: readonly string[];
    readonly problems: readonly string[];
  } | null;
}

interface WrittenPump {
  type: string;
  limits?: object;
  meta: Record<string, unknown>;
}

interface Written {
  [option: string]: unknown;
  pumps: Record<string, WrittenPump>;
  sluice: Record<string, unknown>;
}

export const ask = async (pump: PumpProcess, method = 'GET'): Promise<Reload> => {
  const response = await fetch(`http://127.0.0.1:${pump.healthPort}/api/v1/reload`, { method });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as Reload;
};
export const confOf = (pump: PumpProcess): string => path.join(pump.dir, 'pump.json');

/** Writes another configuration. */
export async function edit(pump: PumpProcess, change: (written: Written) => void): Promise<void> {
  const written = JSON.parse(await readFile(confOf(pump), 'utf8')) as Written;
  change(written);
  await writeFile(confOf(pump), JSON.stringify(written));
}

/** And reloads it. */
export async function reload(
  pump: PumpProcess,
  change: (written: Written) => void = () => undefined,
) {
  await edit(pump, change);
  const { last, hash } = await ask(pump, 'POST');
  if (last === null) throw new Error('nothing was reloaded');
  return { ...last, hash };
}

export const runs = (pump: PumpProcess): Promise<void> =>
  until('it runs', async () => (await metric(pump, 'sluice_last_round_timestamp_seconds')) > 0);
