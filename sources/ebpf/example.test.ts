import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readStructured } from '#source';
import { prepare } from './ebpf.testing.ts';

it('sources/ebpf/example.yaml is a configuration that works', () => {
  const text = readFileSync(new URL('example.yaml', import.meta.url), 'utf8');
  const { documents, problems } = readStructured(text, { path: 'example.yaml' });
  expect(problems).toEqual([]);
  const { sources } = documents[0]?.value as { sources: readonly Record<string, unknown>[] };
  expect(sources).toHaveLength(1);
  const { type, ...options } = sources[0] ?? {};
  expect(type).toBe('ebpf');
  expect(prepare(options).problems).toEqual([]);
});

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
