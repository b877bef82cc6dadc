import { readFile, rename, writeFile } from 'node:fs/promises';
import { until } from '../../services/process.ts';
import type { Instance } from '../instance.ts';
import { metricsOf } from './measures.ts';

interface Conf {
  readonly pumps: Readonly<Record<string, { readonly meta: Readonly<Record<string, unknown>> }>>;
}

const limit = 60_000;

/** Whether this build reads its configuration anew at all. */
export const canReload = async (pump: Instance): Promise<boolean> =>
  (await metricsOf(pump))('sluice_config_last_reload_timestamp_seconds') > 0;

/** How often the pump has put another configuration in force. */
async function reloadsOf(pump: Instance): Promise<number> {
  return (await metricsOf(pump))('sluice_config_reloads_total{outcome="applied"}');
}

/** Changes the options of one pump with each call, and waits until its successor is at work. */
export async function reload(pump: Instance, route: string): Promise<void> {
  const before = await reloadsOf(pump);
  const conf = JSON.parse(await readFile(pump.conf, 'utf8')) as Conf;
  const entry = conf.pumps[route];
  const actions = 400 + (before % 2) * 100;
  const changed = {
    ...conf,
    pumps: {
      ...conf.pumps,
      [route]: { ...entry, meta: { ...entry?.meta, bulk_config: { bulk_actions: actions } } },
    },
  };
  // In one step: it may be read at any moment.
  await writeFile(`${pump.conf}.new`, JSON.stringify(changed));
  await rename(`${pump.conf}.new`, pump.conf);
  pump.signal('SIGHUP');
  await until(
    'the configuration is in force',
    async () => (await reloadsOf(pump).catch(() => before)) > before,
    limit,
    () => Promise.resolve(pump.output()),
  );
}
