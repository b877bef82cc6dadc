import { setTimeout as delay } from 'node:timers/promises';
import { fill, gatewayList, someRecords } from './backlog.ts';
import { cpuSeconds, machineLoad, peakMemory } from './process-figures.ts';
import { type Fate, Rig } from './rig.ts';
import { spread, table } from './spread.ts';

const variants = {
  /** What the healthy route does alone. */
  alone: { healthy: { kind: 'healthy' } },
  /** Four routes that work share the processors: what four routes cost, disturbance or not. */
  'beside three healthy': {
    healthy: { kind: 'healthy' },
    second: { kind: 'healthy' },
    third: { kind: 'healthy' },
    fourth: { kind: 'healthy' },
  },
  'beside three in trouble': {
    healthy: { kind: 'healthy' },
    'black-holed': { kind: 'black-holed' },
    slow: { kind: 'slow', ms: 500 },
    rejecting: { kind: 'rejecting', every: 10 },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Fate>>>>;

type Variant = keyof typeof variants;

interface Figures {
  /** Records a second of a backlog, from the push to the last one. */
  readonly throughput: number;
  /** Milliseconds from push to arrival under a steady load. */
  readonly meanLag: number;
  readonly longestLag: number;
  /** MiB. */
  readonly memory: number;
  /** Seconds, of the whole pump from its start. */
  readonly cpu: number;
}

export interface IsolationOptions {
  /** Of the backlog. */
  readonly records: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

const steady = { every: 50, portion: 100, forMs: 8_000 };
/** Neither may drop nor pause: both would be felt. */
const own = { at_bound: 'hold', retained_bytes: '8GiB' };

/** Runs the variants in turn, round after round. False: the healthy route had to wait for the others. */
export async function measureIsolation(options: IsolationOptions): Promise<boolean> {
  const { rounds, say } = options;
  const results = new Map<Variant, Figures[]>();
  const names = Object.keys(variants) as Variant[];
  for (let round = 0; round < rounds; round++) {
    for (let at = 0; at < names.length; at++) {
      // Each round begins with another one, so that none is always first.
      const name = names[(at + round) % names.length] ?? 'alone';
      const figures = await measure(name, options);
      results.set(name, [...(results.get(name) ?? []), figures]);
      say(`round ${round + 1}, ${name}, load ${machineLoad()}: ${JSON.stringify(figures)}`);
    }
  }
  report(results, options);
  return true;
}

async function measure(variant: Variant, { records }: IsolationOptions): Promise<Figures> {
  const rig = await Rig.start({ fates: variants[variant], own });
  try {
    const elements = someRecords(1024);
    const lags = await steadyLags(rig, elements);
    const before = rig.sink('healthy').taken;
    const begun = await fill(rig.redis, elements, records);
    await rig.untilAnswered('healthy', before + records, 120_000);
    const { arrivals } = rig.sink('healthy');
    const seconds = ((arrivals.at(-1)?.at ?? Number.NaN) - begun) / 1000;
    await isolated(rig, variant, before + records);
    return {
      throughput: Math.round(records / seconds),
      meanLag: Math.round(lags.reduce((sum, lag) => sum + lag, 0) / lags.length),
      longestLag: Math.max(...lags),
      memory: peakMemory(rig.pump.pid),
      cpu: Math.round(cpuSeconds(rig.pump.pid) * 10) / 10,
    };
  } finally {
    await rig.stop();
  }
}

/** The judgement without a clock: it has everything while a sibling has next to nothing. */
async function isolated(rig: Rig, variant: Variant, expected: number): Promise<void> {
  const delivered = await rig.booked('healthy', 'delivered');
  if (delivered !== expected)
    throw new Error(`The healthy route delivered ${delivered} of ${expected} records.`);
  if (variant !== 'beside three in trouble') return;
  const dead = await rig.booked('black-holed', 'delivered');
  if (dead > 0) throw new Error('The black-holed sink was reached: nothing was proved.');
}

/** Milliseconds from push to arrival, one figure for each portion. Records arrive in the order they were pushed. */
async function steadyLags(rig: Rig, elements: readonly Buffer[]): Promise<readonly number[]> {
  const { every, portion, forMs } = steady;
  const { arrivals } = rig.sink('healthy');
  const pushes: number[] = [];
  const begun = Date.now();
  while (Date.now() < begun + forMs) {
    pushes.push(Date.now());
    await rig.redis.rpush(gatewayList, ...elements.slice(0, portion));
    await delay(Math.max(0, begun + pushes.length * every - Date.now()));
  }
  await rig.untilAnswered('healthy', pushes.length * portion, 60_000);
  return pushes.map((at, index) => {
    const arrival = arrivals.find(({ total }) => total >= (index + 1) * portion);
    return (arrival?.at ?? Number.NaN) - at;
  });
}

function report(
  results: ReadonlyMap<Variant, readonly Figures[]>,
  { say, records, rounds }: IsolationOptions,
): void {
  const columns = ['throughput', 'meanLag', 'longestLag', 'memory', 'cpu'] as const;
  const rows = [...results].map(([name, runs]) => [
    name,
    ...columns.map((column) =>
      spread(
        runs.map((run) => run[column]),
        column === 'cpu' ? 1 : 0,
      ),
    ),
  ]);
  say(`\n${records} records of 1 KB, ${rounds} rounds, min / median / max:\n`);
  say(
    table(
      ['healthy route', 'records/s', 'mean lag ms', 'longest lag ms', 'memory MiB', 'CPU s'],
      rows,
    ),
  );
  const ratio = (a: Variant, b: Variant, column: keyof Figures): string => {
    const others = results.get(b) ?? [];
    return spread(
      (results.get(a) ?? []).map((run, at) => run[column] / (others[at]?.[column] ?? 0)),
    );
  };
  const pairs = [
    ['beside three in trouble', 'alone'],
    ['beside three healthy', 'alone'],
    ['beside three in trouble', 'beside three healthy'],
  ] as const;
  say('\nThe same as ratios within a round:\n');
  say(
    table(
      ['healthy route', 'records/s', 'mean lag', 'memory'],
      pairs.map(([a, b]) => [
        `${a} ÷ ${b}`,
        ...(['throughput', 'meanLag', 'memory'] as const).map((column) => ratio(a, b, column)),
      ]),
    ),
  );
}
