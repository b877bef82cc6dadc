/** `npm run stress`: figures of a pump under load and beside sinks in trouble. See docs/reliability.md. */
import { parseArgs } from 'node:util';
import { measureIsolation } from './isolation.ts';
import { measureMemory } from './memory.ts';
import { machineLoad } from './process-figures.ts';
import { measureStalls } from './stall.ts';

const { values } = parseArgs({
  options: {
    /** isolation, memory or stall; all without it. */
    only: { type: 'string', multiple: true, default: [] },
    /** Of the backlog; each measurement has its own without it. */
    records: { type: 'string' },
    /** Of the isolation. */
    rounds: { type: 'string', default: '5' },
    /** Single cases of memory and stall, by the beginning of their names. */
    case: { type: 'string', multiple: true, default: [] },
  },
});

const say = (line: string): void => console.log(line);
const records = (usual: number): number => Number(values.records ?? usual);
const isWanted = (name: string): boolean =>
  values.case.length === 0 || values.case.some((start) => name.startsWith(start));

const measurements: Readonly<Record<string, () => Promise<boolean>>> = {
  isolation: () =>
    measureIsolation({ records: records(200_000), rounds: Number(values.rounds), say }),
  memory: () => measureMemory({ records: records(2_000_000), isWanted, say }),
  stall: () => measureStalls({ records: records(5_000_000), isWanted, say }),
};

let isGood = true;
for (const [name, measure] of Object.entries(measurements)) {
  if (values.only.length > 0 && !values.only.includes(name)) continue;
  say(`\n## ${name} (load ${machineLoad()})\n`);
  isGood = (await measure()) && isGood;
}
process.exitCode = isGood ? 0 : 1;
