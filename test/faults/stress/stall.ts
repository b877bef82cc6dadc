import { setTimeout as delay } from 'node:timers/promises';
import { encodeMsgpack } from '../../../src/record/encode/msgpack.ts';
import { fill, gatewayList, junk, someRecords, tinyRecord } from './backlog.ts';
import { startProbe } from './probe.ts';
import { machineLoad, peakMemory } from './process-figures.ts';
import { Rig, type RigOptions } from './rig.ts';
import { table } from './spread.ts';

const mebibyte = 1024 * 1024;
/** Longest stall of the event loop, in milliseconds. */
const stated = 200;

interface Case {
  readonly fates?: RigOptions['fates'];
  readonly pumps?: RigOptions['pumps'];
  readonly elements: () => readonly Buffer[];
  /** How many are pushed. */
  readonly count: number;
}

const csv = { csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } } };
const healthy = { healthy: { kind: 'healthy' } } as const;

const casesOf = (many: number): Readonly<Record<string, Case>> => ({
  'ordinary records': { elements: () => someRecords(1024), count: Math.min(200_000, many) },
  'one record of 16 MiB': { pumps: csv, elements: () => [hugeRecord()], count: 1 },
  'one record of 16 MiB, kept by a dead sink': {
    fates: { ...healthy, unavailable: { kind: 'unavailable' } },
    elements: () => [hugeRecord()],
    count: 1,
  },
  'empty elements': { elements: () => [Buffer.alloc(0)], count: 10_000 },
  'short records': { elements: () => [tinyRecord], count: many },
  'short records, kept by a dead sink': {
    fates: { ...healthy, unavailable: { kind: 'unavailable' } },
    elements: () => [tinyRecord],
    count: many,
  },
  'short junk': { elements: () => [junk], count: Math.round(many / 5) },
});

/** 16 MiB as the gateway stores them: a response of 12 MiB in base64. */
export function hugeRecord(): Buffer {
  const body = Buffer.alloc(12 * mebibyte, 'response ').toString('base64');
  return encodeMsgpack({
    method: 'GET',
    path: '/huge',
    response_code: 200,
    timestamp: { seconds: 1_760_000_000 },
    raw_response: body,
  });
}

export interface StallOptions {
  /** Of the longest lists. */
  readonly records: number;
  /** By the beginning of their names. */
  readonly isWanted: (name: string) => boolean;
  readonly say: (line: string) => void;
}

/** False when a pump stalled for longer than stated, ended, or left something unanswered. */
export async function measureStalls({ records, isWanted, say }: StallOptions): Promise<boolean> {
  const rows: (readonly unknown[])[] = [];
  let isGood = true;
  for (const [name, each] of Object.entries(casesOf(records))) {
    if (!isWanted(name)) continue;
    const { longest, net, cpu, loop, seconds, memory, rest } = await measure(each);
    isGood &&= net <= stated;
    const row = [name, each.count, longest, net, cpu, loop, seconds, memory, rest, machineLoad()];
    rows.push(row);
    say(row.join('  '));
  }
  const head = [
    'list',
    'elements',
    'longest answer ms',
    'its own part ms',
    'CPU ms',
    'loop lag ms',
  ];
  say(`\n${table([...head, 's', 'memory MiB', 'ledger', 'load'], rows)}`);
  return isGood;
}

async function measure({ fates = healthy, pumps = {}, elements, count }: Case) {
  const rig = await Rig.start({ fates, pumps, own: { at_bound: 'hold', retained_bytes: '8GiB' } });
  const probe = startProbe(rig.pump);
  try {
    // Its start is not what is measured.
    await delay(1_000);
    await rig.metric('nodejs_eventloop_lag_max_seconds');
    const made = elements();
    const begun = await fill(rig.redis, made, count);
    for (const route of ['healthy', ...Object.keys(pumps)])
      await rig.untilAnswered(route, count, 600_000);
    const seconds = Math.round((Date.now() - begun) / 100) / 10;
    // A dead sink goes on being tried meanwhile.
    await delay(2_000);
    const loop = Math.round((await rig.metric('nodejs_eventloop_lag_max_seconds')) * 1000);
    const { longest, net, cpu } = await probe.end();
    return {
      longest,
      net,
      cpu,
      loop,
      seconds,
      memory: peakMemory(rig.pump.pid),
      rest: await left(rig),
    };
  } finally {
    await rig.stop();
  }
}

async function left(rig: Rig): Promise<string> {
  const [delivered, rejected] = await Promise.all([
    rig.booked('healthy', 'delivered'),
    rig.booked('healthy', 'rejected'),
  ]);
  const waiting = await rig.redis.llen(gatewayList);
  return `${delivered} delivered, ${rejected} dead letters, ${waiting} unclaimed`;
}
