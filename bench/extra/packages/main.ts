/**
 * What packages cost, for docs/dependencies.md: run with `npx tsx --conditions=source bench/extra/packages/main.ts`, alone
 * or with a word that the names of the wanted lines contain. Each line is a process of its own; the servers it talks to
 * are in another one. CPU is user and system time of all its threads.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { scratchFolder } from '../../../test/services/process.ts';
import { spreadOf } from '../../measure/statistics.ts';
import { measures } from './measures.ts';
import { startServer } from './server.ts';

const imported = [
  ...['ioredis', '@elastic/transport', '@elastic/elasticsearch', 'undici', 'prom-client'],
  ...[
    'hot-shots',
    'influx',
    'convict',
    'kafkajs',
    'snappy',
    'lz4-napi',
    '@platformatic/wasm-utils/bundled',
  ],
];

interface Cost {
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/** Runs a script of a few lines in a bare process. */
function costOf(node: readonly string[], script: string): Cost {
  const end = `
    const { cpu, rss } = { cpu: process.cpuUsage(), rss: process.resourceUsage().maxRSS };
    console.log(JSON.stringify({ cpuMs: (cpu.user + cpu.system) / 1000, peakMiB: rss / 1024 }));`;
  const args = [...node, '--input-type=module', '--eval', script + end];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Cost;
}

function startCost(name: string, script: string): void {
  const runs = Array.from({ length: 5 }, () => costOf([], script));
  const [cpu, peak] = [
    spreadOf(runs.map((run) => run.cpuMs)).median,
    spreadOf(runs.map((run) => run.peakMiB)).median,
  ];
  console.log(
    `${name.padEnd(44)} ${cpu.toFixed(0).padStart(7)} ms CPU ${peak.toFixed(0).padStart(5)} MiB`,
  );
}

const [word = ''] = process.argv.slice(2);
const isWanted = (name: string): boolean => name.includes(word);

if (isWanted('import nothing')) startCost('import nothing', '');
for (const name of imported)
  if (isWanted(`import ${name}`)) startCost(`import ${name}`, `await import('${name}');`);

const folder = await scratchFolder('packages');
const server = await startServer(folder);
try {
  const module = new URL('measures.ts', import.meta.url).href;
  for (const name of Object.keys(measures).filter(isWanted)) {
    const script = `
      const { measures } = await import('${module}');
      const { work, per } = await measures['${name}']('${server.url}');
      const held = process.memoryUsage.rss() / 1048576;
      const before = process.cpuUsage();
      const said = await work();
      const { user, system } = process.cpuUsage(before);
      const peak = process.resourceUsage().maxRSS / 1024;
      console.log(JSON.stringify({ cpuMs: (user + system) / 1000 / per, peakMiB: Math.max(0, peak - held), said }));
      process.exit();`;
    const node = ['--conditions=source', '--import=tsx', '--expose-gc'];
    const cwd = fileURLToPath(new URL('../../..', import.meta.url));
    const args = [...node, '--input-type=module', '--eval', script];
    const text = execFileSync(process.execPath, args, { encoding: 'utf8', cwd });
    const { cpuMs, peakMiB, said = '' } = JSON.parse(text) as Cost & { readonly said?: string };
    const cpu = cpuMs.toFixed(3).padStart(9);
    console.log(
      `${name.padEnd(60)} ${cpu} ms CPU ${peakMiB.toFixed(0).padStart(5)} MiB more ${said}`,
    );
  }
} finally {
  await server.stop();
}
