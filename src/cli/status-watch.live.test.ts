import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { systemClock } from '../lib/clock.ts';
import { status } from './status.ts';
import { aContext, statusFlags } from './testing.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const connected = {
  connect: () => Promise.resolve({ client: redis.client, close: () => Promise.resolve() }),
};

/** Looks again and again until the text is there. */
async function watched(flags: Parameters<typeof statusFlags>[0], until: (out: string) => boolean) {
  const context = aContext({ clock: systemClock });
  const code = status(
    { kind: 'status', flags: statusFlags({ watch: true, every: 1, ...flags }) },
    context,
    {
      ...connected,
      sinksHere: () =>
        Promise.resolve({
          routes: [
            {
              ...{ route: 'ES', state: 'running', sink: 'down', rate: 0, reason: null },
              lastError: { at: '2026-01-31T12:00:00.000Z', reason: 'refused\u001b[2J' },
            },
          ],
        }),
    },
  );
  await expect.poll(() => until(context.out()), { timeout: 20_000 }).toBe(true);
  context.stop();
  return { code: await code, out: context.out() };
}

it('prints a line of JSON for each look, until it is stopped', async () => {
  const { code, out } = await watched({ json: true }, (text) => text.split('\n').length > 2);
  expect(code).toBe(130);
  for (const line of out.trimEnd().split('\n'))
    expect(JSON.parse(line)).toMatchObject({
      waiting: 0,
      here: { routes: [{ route: 'ES', sink: 'down', last_error: { reason: 'refused\u001b[2J' } }] },
    });
});

it('shows how sinks stand, and lets no error of theirs steer the terminal', async () => {
  const { out } = await watched({}, (text) => text.split('SINKS HERE').length > 2);
  expect(out).toContain(
    String.raw`ES          running  down  0.0         2026-01-31T12:00:00.000Z refused\u001b[2J`,
  );
});
