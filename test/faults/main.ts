/** `npm run faults`: plays schedules for as long as it is told to, and sums up. See docs/reliability.md. */
import { parseArgs } from 'node:util';
import { buildUnderTest } from './build.ts';
import { faults, longSize, scheduleOf, shortSize } from './catalogue.ts';
import { clockProblem } from './clock.ts';
import { seedOf } from './dice.ts';
import { proveMutants } from './mutants.ts';
import { told } from './report.ts';
import { play } from './run.ts';
import type { Schedule } from './schedule.ts';
import { Tally } from './table.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '5' },
    /** Names of faults, or the beginning of names. */
    only: { type: 'string', multiple: true, default: [] },
    /** At once. */
    jobs: { type: 'string', default: '3' },
    /** Smaller runs, as in `npm test`. */
    short: { type: 'boolean', default: false },
    /** `kill:123`: that one schedule. */
    replay: { type: 'string' },
    broken: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const size = values.short ? shortSize : longSize;
const problem = await clockProblem();
if (problem !== undefined) console.log(`Faults that step clocks are left out: ${problem}`);
const chosen = faults
  .filter(
    ({ name }) => values.only.length === 0 || values.only.some((start) => name.startsWith(start)),
  )
  .filter(({ isLong = false }) => !(values.short && isLong))
  .filter(({ stepsClocks = false }) => !stepsClocks || problem === undefined);

async function main(): Promise<number> {
  if (values.list) {
    for (const { name, about } of faults) console.log(`${name.padEnd(30)} ${about}`);
    return 0;
  }
  if (values.broken) return proveMutants({ jobs: Number(values.jobs), only: values.only });
  if (values.replay !== undefined) return replay(values.replay);
  return playFor(Number(values.minutes) * 60_000);
}

async function replay(text: string): Promise<number> {
  const [name, seed] = text.split(':');
  const fault = faults.find((each) => each.name === name);
  if (fault === undefined) throw new Error(`There is no fault ${text}.`);
  const result = await play(scheduleOf(fault, Number(seed), size), buildUnderTest());
  console.log(told(result));
  return result.problems.length === 0 ? 0 : 1;
}

async function playFor(time: number): Promise<number> {
  const tally = new Tally();
  const end = Date.now() + time;
  let next = 0;
  const lane = async (): Promise<void> => {
    // Every fault once, whatever the time.
    while (Date.now() < end || next < chosen.length) {
      const schedule = scheduleAt(next++);
      const result = await play(schedule, buildUnderTest());
      tally.add(result);
      if (result.problems.length > 0) console.log(`\n${told(result)}\n`);
      progress(schedule, tally, end);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, lane));
  console.log(`\n${tally.table(faults.map(({ name }) => name))}`);
  console.log(`\nseed ${values.seed}: ${tally.total.runs} runs, ${tally.total.failed} failed`);
  return tally.total.failed === 0 ? 0 : 1;
}

/** Round and round through the faults, each time with another seed. */
function scheduleAt(run: number): Schedule {
  const fault = chosen[run % chosen.length];
  if (fault === undefined) throw new Error('No fault has this name.');
  const round = Math.floor(run / chosen.length);
  return scheduleOf(fault, seedOf(values.seed, fault.name, round), size);
}

function progress({ fault, seed }: Schedule, { total }: Tally, end: number): void {
  const left = Math.max(0, Math.round((end - Date.now()) / 1000));
  const { runs, failed, records, kills, lost } = total;
  const line = `${runs} runs, ${failed} failed, ${records} records, ${kills} kills, ${lost} lost; ${left} s left; ${fault}:${seed}`;
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${line}`);
  else console.log(line);
}

process.exitCode = await main();
