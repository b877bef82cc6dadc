import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readStructured } from '#source';
import { prepare } from './packets.testing.ts';

it('sources/packets/example.yaml is a configuration that works', () => {
  const text = readFileSync(new URL('example.yaml', import.meta.url), 'utf8');
  const { documents, problems } = readStructured(text, { path: 'example.yaml' });
  expect(problems).toEqual([]);
  const { sources } = documents[0]?.value as { sources: readonly Record<string, unknown>[] };
  expect(sources).toHaveLength(1);
  const { type, ...options } = sources[0] ?? {};
  expect(type).toBe('packets');
  expect(prepare(options).problems).toEqual([]);
});
