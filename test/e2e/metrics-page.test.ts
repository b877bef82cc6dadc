import { afterEach, expect, it } from 'vitest';
import { declaredOn } from '../../scripts/lib/metric-tables.ts';
import { type Declared, metricGroups } from '../../src/app/declared-metrics.ts';
import { until } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

let redis: RedisServer | undefined;
let pump: PumpProcess | undefined;
afterEach(async () => {
  await pump?.stop();
  await redis?.stop();
});

const {
  process: ofNode,
  service,
  claiming,
  routes,
  redis: inRedis,
  workers,
  spill,
} = metricGroups();
const always = [...service, ...claiming, ...routes, ...inRedis];

const asLines = (metrics: readonly Declared[]): readonly string[] =>
  metrics.map(({ name, type, help }) => `${name} (${type}): ${help}`).sort();

/** The series of a page with labels that no declaration has. */
function strangeSeries(page: string, declared: readonly Declared[]): readonly string[] {
  const labelsOf = new Map(declared.map(({ name, labels }) => [name, new Set(labels)]));
  return page.split('\n').filter((line) => {
    const [, series = '', labels] = /^([a-z]\w*)(?:\{(.*)\})? /.exec(line) ?? [];
    if (series === '') return false;
    const name = series.replace(/_(bucket|sum|count)$/, '');
    const known = labelsOf.get(name) ?? labelsOf.get(series);
    const used = [...(labels ?? '').matchAll(/(\w+)="/g)].map(([, label = '']) => label);
    return known === undefined || used.some((label) => label !== 'le' && !known.has(label));
  });
}

it.each([
  { way: 'with one thread', own: {}, acl: [], has: always },
  {
    way: 'with worker threads and a spill',
    own: { workers: 2, spill_dir: '{dir}/spill' },
    acl: [],
    has: [...always, ...workers, ...spill],
  },
  {
    way: 'where records are popped',
    own: {},
    acl: ['default on nopass ~* &* +@all -@scripting -@stream'],
    has: always,
  },
])('a process $way shows what docs/metrics.md has for it', async ({ own, acl, has }) => {
  redis = await startRedis(acl.length === 0 ? {} : { acl });
  await pushRecords(redis, 1000, { badEvery: 100 });
  pump = await startPump({ redis, own, pumps: { drop: { type: 'dummy', meta: {} } } });
  const url = `http://127.0.0.1:${pump.healthPort}`;
  await until(
    'it is ready',
    async () => (await fetch(`${url}/ready`).catch(() => null))?.ok === true,
  );
  await untilDrained(redis);
  const page = await (await fetch(`${url}/metrics`)).text();

  const shown = declaredOn(page);
  expect(asLines(shown.filter(({ name }) => name.startsWith('sluice_')))).toEqual(asLines(has));
  const nodes = new Set(asLines(ofNode));
  const others = asLines(shown.filter(({ name }) => !name.startsWith('sluice_')));
  expect(others.filter((line) => !nodes.has(line))).toEqual([]);
  expect(strangeSeries(page, [...has, ...ofNode])).toEqual([]);
});
