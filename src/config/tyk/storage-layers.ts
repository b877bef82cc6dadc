import type { Environment, Layer } from '../options/environment.ts';
import { storageKey } from './tls.ts';

/** The prefixes of the storage's variables, later ones win. Tyk Pump lays the last two over the rest when it opens Redis. */
export const storagePrefixes = [
  'TYK_PMP_ANALYTICSSTORAGECONFIG',
  'TYK_PMP_REDIS',
  'TYK_PMP_TEMPORAL_STORAGE',
] as const;

const group = { key: storageKey, suffix: 'ANALYTICSSTORAGECONFIG' };

/** The layers of all global options; the storage's own come last. */
export const globalLayers: readonly Layer[] = [
  { prefix: 'TYK_PMP' },
  ...storagePrefixes.slice(1).map((prefix) => ({ prefix, group })),
];

/** Whether variables say where Redis is. */
export const namesRedisIn = (env: Environment): boolean =>
  storagePrefixes.some((prefix) =>
    ['HOST', 'HOSTS', 'ADDRS'].some((suffix) => (env[`${prefix}_${suffix}`] ?? '') !== ''),
  );

/** Whether a variable is one of the storage's. */
export const isOfStorage = (variable: string): boolean =>
  storagePrefixes.some((prefix) => variable.startsWith(`${prefix}_`));
