import { readFile } from 'node:fs/promises';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { faults, longSize, scheduleOf, shortSize } from './catalogue.ts';
import { mutants } from './mutants/list.ts';

it('makes the same schedule of the same seed, and another one of another', () => {
  const all = (seed: number) => faults.map((fault) => scheduleOf(fault, seed, longSize));

  expect(all(5)).toEqual(all(5));
  expect(all(5).map(({ steps }) => steps)).not.toEqual(all(6).map(({ steps }) => steps));
});

it('makes schedules that are data', () => {
  for (const fault of faults) {
    const schedule = scheduleOf(fault, 5, shortSize);

    expect(JSON.parse(JSON.stringify(schedule))).toEqual(schedule);
  }
});

it('names every fault once, and proves mutants with faults that exist', () => {
  const names = faults.map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(mutants.map(({ fault }) => fault)));
});

it.each(mutants)('$name still has its places in the code, each once', async ({ edits }) => {
  for (const { file, replace } of edits)
    expect((await compiled(file)).split(replace)).toHaveLength(2);
});

/** What `faults:mutants` compiles a file to. */
async function compiled(file: string): Promise<string> {
  const source = new URL(`../../${file.replace(/js$/, 'ts')}`, import.meta.url);
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(await readFile(source, 'utf8'), { compilerOptions }).outputText;
}
