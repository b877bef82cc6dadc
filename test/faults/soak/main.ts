/** `npm run soak`: hours of load and trouble, and whether anything grows. See docs/reliability.md. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildUnderTest } from '../build.ts';
import { leaks } from './leaks.ts';
import { planOf } from './plan.ts';
import { reportText } from './report.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    hours: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '2000' },
    leak: { type: 'string' },
    out: { type: 'string', default: path.join('.cache', 'soak', 'report.json') },
  },
});

const seconds = values.hours === undefined ? positive('minutes') * 60 : positive('hours') * 3600;
const leak = leaks.find((each) => each === values.leak);
if (leak === undefined && values.leak !== undefined)
  throw new Error(`--leak is one of ${leaks.join(', ')}, not ${values.leak}.`);

const report = await soak({
  main: buildUnderTest(),
  plan: planOf(seconds, positive('rate')),
  leak,
  say: (line) => console.log(line),
});
await mkdir(path.dirname(values.out), { recursive: true });
await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);
console.log(`\n${reportText(report)}\n\nEverything, with all samples: ${values.out}`);
process.exitCode = report.problems.length === 0 ? 0 : 1;

function positive(name: 'hours' | 'minutes' | 'rate'): number {
  const value = Number(values[name]);
  if (!(value > 0)) throw new Error(`--${name} is a number above 0, not ${values[name] ?? ''}.`);
  return value;
}
