import { expect, test } from 'vitest';
import { launch, until } from '../../../test/services/process.ts';

test('workers of Node’s cluster share a port', async () => {
  const child = launch(process.execPath, [
    ...['--conditions=source', '--import=tsx', 'sources/shared/listen/cluster.testing.ts'],
  ]);
  const ports = (): string[] =>
    [...child.output().matchAll(/listening at (\d+)/g)].map(([, port = '']) => port);
  await until('both workers listen', () => ports().length === 2);
  const [first = '', second] = ports();
  expect(second).toBe(first);
  const answered = new Set<string>();
  for (let i = 0; i < 8; i++) {
    const answer = await fetch(`http://127.0.0.1:${first}/`, { headers: { connection: 'close' } });
    answered.add(await answer.text());
  }
  expect(answered.size).toBe(2);
  expect(answered).not.toContain(String(child.pid));
  await child.stop();
});
