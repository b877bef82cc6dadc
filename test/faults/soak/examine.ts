import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { until } from '../../services/process.ts';
import type { RedisServer } from '../../services/redis.ts';
import { buildUnderTest } from '../build.ts';
import type { Instance } from '../instance.ts';
import type { Load } from './load.ts';
import { metricsOf } from './measures.ts';
import type { Shelf } from './shelf.ts';

const run = promisify(execFile);

interface Examined {
  readonly load: Load;
  readonly shelves: Readonly<Record<string, Shelf>>;
  readonly pump: Instance;
  readonly redis: RedisServer;
  /** Milliseconds from the moment when all is well. */
  readonly within: number;
}

interface RouteStatus {
  readonly route: string;
  readonly claimed: number;
  readonly pending: number;
  readonly booked: Readonly<Record<string, number>>;
}

/** What is wrong once nothing more comes: records that are missing, twice or nobody's, and books that do not close. */
export async function examine(examined: Examined): Promise<readonly string[]> {
  const { load, shelves, redis, within } = examined;
  const isComplete = (): boolean =>
    Object.values(shelves).every(({ size }) => size >= load.certain.size);
  const isEmpty = async (): Promise<boolean> => (await leftover(redis)).length === 0;
  await until(
    'everything has arrived',
    async () => isComplete() && (await isEmpty()),
    within,
  ).catch(() => undefined);
  return [
    ...Object.entries(shelves).flatMap(([name, shelf]) =>
      problemsOf(load, shelf).map((problem) => `${name}: ${problem}`),
    ),
    ...(await leftover(redis)).map((key) => `${key} is left`),
    ...(await ledgerProblems(examined)),
  ];
}

function problemsOf({ certain, uncertain, pushed }: Load, shelf: Shelf): readonly string[] {
  let [lost, strange] = [0, shelf.strange];
  for (let index = 0; index < pushed; index++) {
    if (certain.has(index) && !shelf.has(index)) lost++;
    if (shelf.has(index) && !certain.has(index) && !uncertain.has(index)) strange++;
  }
  return Object.entries({ lost, 'stored twice': shelf.twice, 'that nobody pushed': strange })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} records ${what}`);
}

/** Keys of the gateway's and of ours that hold records. */
async function leftover({ client }: RedisServer): Promise<readonly string[]> {
  const keys = await client.keys('*');
  return keys.filter(
    (key) => key.includes(':seg:') || (key.startsWith('analytics-') && !key.includes('{')),
  );
}

async function ledgerProblems({ load, shelves, pump }: Examined): Promise<readonly string[]> {
  const mismatches = (await metricsOf(pump))('sluice_ledger_mismatches_total');
  const { stdout } = await run(process.execPath, [
    ...[buildUnderTest(), 'status', '--json', '--conf', pump.conf],
  ]);
  const { routes } = JSON.parse(stdout) as { readonly routes: readonly RouteStatus[] };
  const open = routes.flatMap(({ route, claimed, pending, booked }) => {
    const answered = Object.values(booked).reduce((sum, count) => sum + count, 0);
    const { size = claimed } = shelves[route.toLowerCase()] ?? {};
    return [
      ...(claimed === answered + pending
        ? []
        : [`${route}: claimed ${claimed}, booked ${JSON.stringify(booked)}, pending ${pending}`]),
      ...(booked['delivered'] === claimed && size === claimed
        ? []
        : [
            `${route}: of ${claimed} claimed ${booked['delivered'] ?? 0} are booked as delivered, ${size} there`,
          ]),
      ...(claimed >= load.certain.size ? [] : [`${route}: only ${claimed} were claimed`]),
    ];
  });
  return [
    ...(mismatches === 0 ? [] : [`the pump found ${mismatches} mismatches of its ledger`]),
    ...(routes.length === 3 ? [] : [`status knows ${routes.length} routes`]),
    ...open,
  ];
}
