import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildUnderTest } from './build.ts';
import { faults, scheduleOf, shortSize } from './catalogue.ts';
import { mutants } from './mutants/list.ts';
import type { Mutant } from './mutants/mutant.ts';
import { play } from './run.ts';

/** A fault that strikes at random moments may miss: a mutant has this many chances to be seen. */
const chances = 4;

/** Plays against builds that are broken on purpose. A harness that finds nothing wrong with one has failed. */
export async function proveMutants(options: {
  readonly jobs: number;
  readonly only: readonly string[];
}): Promise<number> {
  const chosen = mutants.filter(
    ({ name }) => options.only.length === 0 || options.only.some((start) => name.startsWith(start)),
  );
  const waiting = chosen.values();
  let survivors = 0;
  const lane = async (): Promise<void> => {
    for (const mutant of waiting) {
      const seen = await detect(mutant);
      if (seen === undefined) survivors++;
      const verdict = seen === undefined ? 'NOT DETECTED' : `detected: ${seen}`;
      console.log(`${mutant.name.padEnd(34)} ${mutant.fault.padEnd(24)} ${verdict}`);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, lane));
  console.log(`${chosen.length - survivors} of ${chosen.length} broken builds were detected`);
  return survivors === 0 ? 0 : 1;
}

/** What the harness says about it; undefined: nothing. */
async function detect(mutant: Mutant): Promise<string | undefined> {
  const fault = faults.find(({ name }) => name === mutant.fault);
  if (fault === undefined) throw new Error(`There is no fault ${mutant.fault}.`);
  try {
    const main = await build(mutant);
    for (let seed = 1; seed <= chances; seed++) {
      const { problems } = await play(scheduleOf(fault, seed, shortSize), main);
      if (problems.length > 0) return problems.slice(0, 3).join('; ').slice(0, 160);
    }
    return undefined;
  } catch (error) {
    // The code has changed: the mutant must be written anew, and until then proves nothing.
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  } finally {
    await rm(folderOf(mutant), { recursive: true, force: true });
  }
}

/** The checkout's build, copied and changed: below the checkout, where its dependencies are found. */
async function build(mutant: Mutant): Promise<string> {
  const folder = folderOf(mutant);
  await rm(folder, { recursive: true, force: true });
  await cp(rootOfBuild(), path.join(folder, 'dist'), { recursive: true });
  await cp(path.join(rootOfBuild(), '..', 'package.json'), path.join(folder, 'package.json'));
  for (const { file, replace, by } of mutant.edits) {
    const target = path.join(folder, 'dist', file);
    const code = await readFile(target, 'utf8');
    if (code.split(replace).length !== 2)
      throw new Error(`${mutant.name}: its place in ${file} is not there once.`);
    await writeFile(
      target,
      code.replace(replace, () => by),
    );
  }
  return path.join(folder, 'dist', 'src', 'main.js');
}

const rootOfBuild = (): string => path.resolve(path.dirname(buildUnderTest()), '..');

const folderOf = ({ name }: Mutant): string =>
  path.resolve('.cache', 'faults', `mutant-${process.pid}-${name}`);
