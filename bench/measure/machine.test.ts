import { describe, expect, it } from 'vitest';
import { commandOf } from './machine.ts';

describe('the command of a bench', () => {
  it('is what one would type', () => {
    expect(commandOf([])).toBe('npm run bench');
    expect(commandOf(['--sink', 'csv'])).toBe('npm run bench -- --sink csv');
  });

  it('names no folder of this machine', () => {
    expect(
      commandOf(['--tyk', '/opt/tools/tyk-pump --conf=/etc/x/{conf}', '--out', '/data/a.jsonl']),
    ).toBe('npm run bench -- --tyk "…/tyk-pump --conf=…/{conf}" --out …/a.jsonl');
  });
});
