import { describe, expect, it } from 'vitest';
import { buildUnderTest } from './build.ts';
import { faults, scheduleOf, shortSize } from './catalogue.ts';
import { told } from './report.ts';
import { play } from './run.ts';

/** `SLUICE_FAULT_SEED` repeats a failed run. */
const seed = Number(process.env['SLUICE_FAULT_SEED'] ?? Date.now() % 1_000_000);

describe(`every record arrives, and no sink waits for another (seed ${seed})`, () => {
  it.concurrent.each(faults.map((fault) => [fault.name, fault] as const))(
    '%s',
    async (_, fault) => {
      const result = await play(scheduleOf(fault, seed, shortSize), buildUnderTest());
      expect(result.problems, told(result)).toEqual([]);
    },
  );
});
