import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { heldResources, leftBehind, overhear } from './process-state.ts';

const impatiently = 50;

it('finds a timer that was left running', async () => {
  const before = heldResources();
  // More than one: some of the test runner's own may end meanwhile.
  const timers = Array.from({ length: 5 }, () => setInterval(() => undefined, 10_000));

  const left = await leftBehind(before, impatiently);
  for (const timer of timers) clearInterval(timer);

  expect(left).toEqual([expect.stringContaining('Timeout')]);
});

it('finds a server and a file that were left open', async () => {
  const before = heldResources();
  const server = createServer().listen(0);
  const file = await open(new URL(import.meta.url));

  const left = await leftBehind(before, impatiently);
  server.close();
  await file.close();

  expect(left).toEqual(
    expect.arrayContaining([
      expect.stringContaining('TCPServerWrap'),
      expect.stringContaining('open file'),
    ]),
  );
});

it('finds nothing where everything was let go', async () => {
  const before = heldResources();
  clearInterval(setInterval(() => undefined, 10_000));

  expect(await leftBehind(before)).toEqual([]);
});

it('hears what is printed', () => {
  const overheard = overhear();
  process.stderr.write('');
  process.stdout.write(Buffer.from(' \n'));

  expect(overheard.stop()).toBe(' \n');
});
