import { describe, expect, it } from 'vitest';
import { needPostgres } from '../services/postgres.ts';
import { whyUnavailable } from '../services/process.ts';
import { buildUnderTest } from './build.ts';
import type { Fault } from './catalogue/fault.ts';
import { faults, scheduleOf, shortSize } from './catalogue.ts';
import { clockProblem } from './clock.ts';
import { told } from './report.ts';
import { play } from './run.ts';

/** `SLUICE_FAULT_SEED` repeats a failed run. */
const seed = Number(process.env['SLUICE_FAULT_SEED'] ?? Date.now() % 1_000_000);

const problem = await clockProblem();
if (problem !== undefined) console.warn(`Tests are skipped: ${problem}`);
const noDatabase = await whyUnavailable(needPostgres);
const chosen = faults.filter(({ isLong = false }) => !isLong);
const canPlay = ({ stepsClocks = false, needsDatabase = false }: Fault): boolean =>
  !(stepsClocks && problem !== undefined) && !(needsDatabase && noDatabase !== undefined);

describe(`every record arrives, and no sink waits for another (seed ${seed})`, () => {
  for (const fault of chosen)
    (canPlay(fault) ? it.concurrent : it.concurrent.skip)(fault.name, async () => {
      const result = await play(scheduleOf(fault, seed, shortSize), buildUnderTest());
      expect(result.problems, told(result)).toEqual([]);
    });
});
