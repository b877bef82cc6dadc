import { describe, expect, it } from 'vitest';
import { prepare } from './ebpf.testing.ts';

describe('options that are no good', () => {
  it.each([
    [{}, 'watch', /at least one process/],
    [{ watch: ['nginx'] }, 'watch[0]', /a process id, a path/],
    [{ watch: ['7'], every_process: true }, 'watch', /nothing, as every_process/],
    [{ watch: ['7'], incoming: false, outgoing: false }, 'outgoing', /incoming: true/],
    [{ watch: ['7'], look_every: '1ms' }, 'look_every', /at least 100ms/],
  ])('%j', (raw, key, expected) => {
    const [problem, ...others] = prepare(raw).problems;
    expect(others).toEqual([]);
    expect(problem?.key).toBe(key);
    expect(problem?.expected).toMatch(expected);
  });
});
