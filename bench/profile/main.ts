/** `npm run profile`: a CPU profile of the pump while it drains, and a table of what takes the time. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openBench } from '../bench.ts';
import { encodings, readCount, sinkNames, sizes, treatments } from '../cell.ts';
import { ours } from '../contender.ts';
import { runLine } from '../matrix/matrix.ts';
import { runOnce } from '../run.ts';
import { openSink } from '../sinks/open.ts';
import { type CpuProfile, groupsOfItems, itemsOf } from './analyse.ts';
import { sourceLines } from './source-lines.ts';

const shown = 25;

const { values } = parseArgs({
  options: {
    sink: { type: 'string', default: 'elasticsearch' },
    records: { type: 'string', default: '500k' },
    size: { type: 'string', default: '1KB' },
    encoding: { type: 'string', default: 'msgpack' },
    treatment: { type: 'string', default: 'none' },
    workers: { type: 'string' },
  },
});

async function main(): Promise<number> {
  const sink = sinkNames.find(
    (name) => name === (values.sink === 'es' ? 'elasticsearch' : values.sink),
  );
  const size = sizes.find((one) => one === values.size);
  const encoding = encodings.find((one) => one === values.encoding);
  const treatment = treatments.find((one) => one === values.treatment);
  const backlog = readCount(values.records);
  const workers = values.workers === undefined ? undefined : readCount(values.workers);
  if (!sink || !size || !encoding || !treatment || backlog === undefined) {
    console.error(
      `npm run profile -- --sink ${sinkNames.join('|')} --records 500k --size ${sizes.join('|')} --encoding ${encodings.join('|')} --treatment ${treatments.join('|')} --workers N`,
    );
    return 2;
  }
  const folder = path.resolve('.cache', 'profile', `${sink}-${Date.now()}`);
  mkdirSync(folder, { recursive: true });
  const bench = await openBench(() => undefined);
  const opened = await openSink(sink, bench);
  try {
    const contender = ours(workers, ['--cpu-prof', `--cpu-prof-dir=${folder}`]);
    const cell = {
      ...{ sink, size, encoding, backlog },
      ...(treatment === 'none' ? {} : { treatment }),
    };
    console.log(runLine(await runOnce(bench, opened, { ...cell, contender, round: 1 })));
  } finally {
    await opened.close();
    await bench.close();
  }
  return print(folder);
}

/** Each thread has written a file of its own when it ended. */
function print(folder: string): number {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => path.join(folder, name));
  if (files.length === 0) {
    console.error('The pump has written no profile.');
    return 1;
  }
  const profiles = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as CpuProfile);
  const items = itemsOf(profiles, sourceLines());
  const line = (percent: number, millis: number, name: string): string =>
    `${percent.toFixed(1).padStart(6)} % ${Math.round(millis).toString().padStart(7)} ms  ${name}`;
  console.log('\nTime at work, by whose code it is:');
  for (const { group, millis, percent } of groupsOfItems(items))
    console.log(line(percent, millis, group));
  console.log(`\nThe ${shown} functions that took the most by themselves:`);
  for (const { group, name, millis, percent } of items.slice(0, shown))
    console.log(line(percent, millis, `${group.padEnd(9)} ${name}`));
  console.log('\nFor Chrome DevTools (Performance, load profile) or speedscope:');
  for (const file of files) console.log(`  ${path.relative('.', file)}`);
  return 0;
}

process.exitCode = await main();
