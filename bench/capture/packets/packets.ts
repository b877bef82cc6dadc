/**
 * `npm run bench -- --packets`: what looking at packets costs, from a file and live. The contenders take turns in each round; beside
 * them tcpdump alone reads the same packets, which shows what the machine is like meanwhile.
 */
import { readFileSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startNginx } from '../../../test/services/nginx.ts';
import { type Child, launch, scratchFolder, until } from '../../../test/services/process.ts';
import { startRedis } from '../../../test/services/redis.ts';
import { needTcpdump } from '../../../test/services/tcpdump.ts';
import { usageOf } from '../../measure/process-tree.ts';
import { rounded, spreadOf } from '../../measure/statistics.ts';
import type { BenchOptions } from '../../options.ts';
import { jsonBody } from '../body.ts';
import { load } from '../load.ts';
import { writeTraffic } from './traffic.ts';

const seconds = 5;

interface Setting {
  readonly capture: string;
  readonly folder: string;
  readonly redisPort: number;
  readonly tcpdump: string;
}

interface Kind {
  readonly name: string;
  argv(setting: Setting, source: string): Promise<readonly string[]>;
}

const packets = (name: string, isRecording: boolean, bodies: string): Kind => ({
  name,
  async argv({ capture, folder, redisPort }, source) {
    const conf = path.join(folder, 'capture.yaml');
    await writeFile(
      conf,
      `storage: {host: 127.0.0.1, port: ${redisPort}}
record: {bodies: ${bodies}, expiry: 30s}
sources: [{type: packets, record: ${isRecording}, ${source}}]
`,
    );
    return [process.execPath, capture, '--conf', conf];
  },
});

const kinds: readonly Kind[] = [
  packets('packets, nothing recorded', false, '0B'),
  packets('packets, records', true, '0B'),
  packets('packets, records with bodies', true, '64KiB'),
];

export async function measurePackets({ rounds }: BenchOptions): Promise<number> {
  const main = process.env['SLUICE_BENCH_MAIN'] ?? path.resolve('dist/src/main.js');
  const redis = await startRedis();
  const setting: Setting = {
    capture: path.join(path.dirname(main), 'capture.js'),
    folder: await scratchFolder('bench-packets'),
    redisPort: redis.port,
    tcpdump: await needTcpdump(),
  };
  try {
    await fromFile(setting, rounds);
    await live(setting, rounds);
  } finally {
    await redis.stop();
  }
  return 0;
}

async function fromFile(setting: Setting, rounds: number): Promise<void> {
  const file = (name: string): string => path.join(setting.folder, name);
  const calls = await writeTraffic(file('many.pcap'), {
    connections: 100,
    callsEach: 1500,
    leavesOpen: false,
  });
  await writeTraffic(file('one.pcap'), { connections: 1, callsEach: 1, leavesOpen: false });
  await writeTraffic(file('open.pcap'), { connections: 10_000, callsEach: 2, leavesOpen: true });
  const megabytes = (await stat(file('many.pcap'))).size / 1e6;
  const rows = new Map<string, { readonly perCpu: number[]; readonly perSecond: number[] }>();
  const note = (name: string, perCpu: number, perSecond: number): void => {
    const row = rows.get(name) ?? { perCpu: [], perSecond: [] };
    row.perCpu.push(perCpu);
    row.perSecond.push(perSecond);
    rows.set(name, row);
  };
  for (let round = 0; round < rounds; round++) {
    const alone = await runToEnd([setting.tcpdump, '-r', file('many.pcap'), '-w', '/dev/null']);
    note('tcpdump -r, into nothing', calls / alone.cpu, calls / alone.elapsed);
    for (const kind of kinds) {
      const of = (name: string) => kind.argv(setting, `files: ["${file(name)}"]`);
      // A start costs the same, whatever is read then.
      const start = await runToEnd(await of('one.pcap'));
      const whole = await runToEnd(await of('many.pcap'));
      note(kind.name, calls / (whole.cpu - start.cpu), calls / (whole.elapsed - start.elapsed));
    }
    console.log(`round ${round + 1} of files`);
  }
  console.log(`\n${calls} calls of 1 KB in a file of ${rounded(megabytes, 0)} MB\n`);
  console.log('| reader | calls / CPU s | calls / s |\n| --- | ---: | ---: |');
  for (const [name, { perCpu, perSecond }] of rows)
    console.log(
      `| ${name} | ${Math.round(spreadOf(perCpu).median)} | ${Math.round(spreadOf(perSecond).median)} |`,
    );
  for (const kind of kinds) {
    const { peakBytes } = await runToEnd(
      await kind.argv(setting, `files: ["${file('open.pcap')}"]`),
    );
    console.log(`${kind.name}, 10,000 connections open: ${rounded(peakBytes / 1e6, 0)} MB at most`);
  }
}

interface Ran {
  /** User and system time, in seconds. */
  readonly cpu: number;
  readonly elapsed: number;
  readonly peakBytes: number;
}

/** Of this process's children that have ended. */
function endedCpu(): number {
  const text = readFileSync('/proc/self/stat', 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

async function runToEnd([program = '', ...argv]: readonly string[]): Promise<Ran> {
  const [cpu, began] = [endedCpu(), performance.now()];
  const child = launch(program, argv);
  let peakBytes = 0;
  while (child.isRunning()) {
    peakBytes = Math.max(peakBytes, usageOf(child.pid).peakBytes);
    await delay(20);
  }
  if (child.exit()?.code !== 0) throw new Error(child.output());
  return { cpu: endedCpu() - cpu, elapsed: (performance.now() - began) / 1000, peakBytes };
}

async function live(setting: Setting, rounds: number): Promise<void> {
  const origin = await startNginx({
    server: `location / { default_type application/json; return 200 '${jsonBody(700)}'; }`,
  });
  const rows: string[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      rows.push(await asked('nobody looks', origin.port));
      for (const kind of kinds) {
        const source = `interface: lo, filter: "tcp port ${origin.port}"`;
        const [program = '', ...argv] = await kind.argv(setting, source);
        let said = '';
        const child: Child = launch(program, argv, {
          onOutput: (text) => {
            said += text;
          },
        });
        await until('it captures', () => /A source has begun/.test(said) || !child.isRunning());
        const before = usageOf(child.pid).cpu;
        rows.push(
          await asked(kind.name, origin.port, async (requests) => {
            const { cpu } = usageOf(child.pid);
            await child.stop();
            const of = (name: string): number =>
              Number(new RegExp(`${name}=(\\d+)`).exec(said)?.[1]);
            const seen = of('responses') / requests;
            return [
              rounded(seen * 100, 1),
              of('kernel_drops'),
              rounded((cpu - before) / seconds, 2),
            ];
          }),
        );
      }
      console.log(`round ${round + 1} of live packets`);
    }
  } finally {
    await origin.stop();
  }
  console.log(
    '\n| who looks | requests / s | answers seen, % | dropped by the kernel | CPUs |\n| --- | ---: | ---: | ---: | ---: |',
  );
  for (const row of rows) console.log(row);
}

async function asked(
  name: string,
  port: number,
  look: (requests: number) => Promise<readonly (string | number)[]> = () =>
    Promise.resolve(['–', '–', '–']),
): Promise<string> {
  const result = await load(`http://127.0.0.1:${port}/`, {
    connections: 32,
    seconds,
    bodyBytes: 0,
  });
  if (result.failures > 0) throw new Error(`${result.failures} requests failed`);
  return `| ${[name, Math.round(result.perSecond), ...(await look(result.requests))].join(' | ')} |`;
}
