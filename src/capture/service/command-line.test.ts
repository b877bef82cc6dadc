import { describe, expect, it } from 'vitest';
import { parseCapture } from './command-line.ts';

const parse = (line: string) =>
  parseCapture(line.split(' '), { types: ['gateway'], commands: ['ca'] });

describe('the command line of a configuration', () => {
  it.each([
    ['--conf a.yaml', { path: 'a.yaml', workers: undefined }, false],
    ['-c a.yaml', { path: 'a.yaml', workers: undefined }, false],
    ['--conf=a.yaml --workers=3', { path: 'a.yaml', workers: 3 }, false],
    ['--workers 3 --conf a.yaml', { path: 'a.yaml', workers: 3 }, false],
    ['validate --conf a.yaml --workers 1', { path: 'a.yaml', workers: 1 }, true],
  ])('is read: %s', (line, flags, checks) => {
    expect(parse(line)).toEqual({ kind: 'file', flags, checks });
  });

  it.each([
    ['--workers 3', '--conf'],
    ['--conf a.yaml --workers', '--workers'],
    ['--conf a.yaml --workers many', '--workers'],
    ['--conf a.yaml --workers 0', '--workers'],
    ['--conf a.yaml --listen=:80', '--listen'],
    ['--conf a.yaml b.yaml', 'a word without a flag'],
    ['validate', '--conf'],
  ])('is refused with what is wrong: %s', (line, said) => {
    const command = parse(line);
    expect(command).toMatchObject({ kind: 'usage' });
    expect(command.kind === 'usage' ? command.message.split('\n').slice(1) : []).toEqual([
      expect.stringContaining(said),
    ]);
  });
});
