import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { scratchFolder } from '../../test/services/process.ts';
import { readOptions } from '../options.ts';
import { contendersOf } from './matrix.ts';

it('no two pumps of a bench have one name, or their results would be mixed up', async () => {
  process.env['SLUICE_BENCH_MAIN'] = 'main.js';
  onTestFinished(() => {
    delete process.env['SLUICE_BENCH_MAIN'];
  });
  const folder = path.join(await scratchFolder('bench-matrix'), 'before');
  mkdirSync(path.join(folder, 'dist', 'src'), { recursive: true });
  writeFileSync(path.join(folder, 'dist', 'src', 'main.js'), '');
  const names = (...args: readonly string[]) =>
    contendersOf(readOptions(args)).map(({ name }) => name);

  expect(names('--against', folder)).toEqual(['sluice', 'before', 'naive']);
  expect(names('--no-naive', '--bare')).toEqual(['sluice', 'bare reader']);
  expect(() => names('--against', folder, '--against', folder)).toThrow('the name "before"');
});
