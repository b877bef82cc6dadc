import { setTimeout as delay } from 'node:timers/promises';
import { fill, someRecords } from './backlog.ts';
import { cpuSeconds, machineLoad, peakMemory } from './process-figures.ts';
import { type Fate, Rig } from './rig.ts';
import { table } from './spread.ts';

const healthy = { kind: 'healthy' } as const;
const threeDown = {
  healthy,
  refused: { kind: 'refused' },
  hanging: { kind: 'hanging' },
  unavailable: { kind: 'unavailable' },
} as const satisfies Readonly<Record<string, Fate>>;

interface Case {
  readonly fates: Readonly<Record<string, Fate>>;
  readonly own: Readonly<Record<string, string>>;
  /** Half of them where one sink is measured alone. */
  readonly share: number;
  /** MiB the pump may have resident. */
  readonly most: number;
}

/** The bounds are the defaults, so that the figure is what an operator gets. `{dir}`: the folder of the process. */
const cases: Readonly<Record<string, Case>> = {
  'one sink': { fates: { healthy }, own: {}, share: 0.5, most: 256 },
  hold: { fates: threeDown, own: { at_bound: 'hold' }, share: 1, most: 512 },
  shed: { fates: threeDown, own: { at_bound: 'shed' }, share: 1, most: 512 },
  spill: {
    fates: threeDown,
    own: { at_bound: 'hold', spill_dir: '{dir}/spill', spill_bytes: '3GiB' },
    share: 1,
    most: 512,
  },
};

export interface MemoryOptions {
  readonly records: number;
  readonly isWanted: (name: string) => boolean;
  readonly say: (line: string) => void;
}

/** After the healthy sink has everything, the others are left to fail for as long. */
const aftermath = 20_000;

/** False when a pump took more than stated, or the healthy route did not get everything. */
export async function measureMemory(options: MemoryOptions): Promise<boolean> {
  const rows: (readonly unknown[])[] = [];
  let isGood = true;
  for (const [name, each] of Object.entries(cases)) {
    if (!options.isWanted(name)) continue;
    const figures = await measure(each, options);
    isGood &&= figures.peak <= each.most;
    const { pushed, seconds, cpu, idle, drained, peak, redis, shed, spilled } = figures;
    const memory = [idle, drained, peak, each.most];
    rows.push([name, pushed, seconds, cpu, ...memory, redis, shed, spilled, machineLoad()]);
    options.say(`${name}: ${JSON.stringify(figures)}`);
  }
  const head = [
    'case',
    'records',
    'healthy done s',
    'CPU s',
    'MiB idle',
    'then',
    'at most',
    'stated',
  ];
  options.say(
    `\n${table([...head, 'Redis MiB at most', 'shed per dead route', 'spilled', 'load'], rows)}`,
  );
  return isGood;
}

async function measure(each: Case, { records }: MemoryOptions) {
  const rig = await Rig.start({ fates: each.fates, own: each.own });
  try {
    const pushed = Math.round(records * each.share);
    const idle = peakMemory(rig.pump.pid);
    const begun = await fill(rig.redis, someRecords(1024), pushed);
    await rig.untilAnswered('healthy', pushed, 600_000);
    const seconds = Math.round((Date.now() - begun) / 1000);
    const drained = peakMemory(rig.pump.pid);
    await delay('refused' in each.fates ? aftermath : 2_000);
    const peak = peakMemory(rig.pump.pid);
    const cpu = Math.round(cpuSeconds(rig.pump.pid));
    const info = await rig.redis.info('memory');
    const redis = Math.round(Number(/used_memory_peak:(\d+)/.exec(info)?.[1]) / 1024 / 1024);
    const dead = await Promise.all(
      Object.keys(each.fates)
        .filter((name) => name !== 'healthy')
        .map((name) => Promise.all([rig.booked(name, 'shed'), rig.booked(name, 'spilled')])),
    );
    const shed = dead.map(([count]) => count).join(', ');
    const spilled = dead.map(([, count]) => count).join(', ');
    return { pushed, seconds, cpu, idle, drained, peak, redis, shed, spilled };
  } finally {
    await rig.stop();
  }
}
