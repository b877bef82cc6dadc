import { describe, expect, it } from 'vitest';
import { millis } from '../lib/units.ts';
import { uptimeDecoder } from '../record/uptime/decoder.ts';
import { readUptime } from '../record/uptime/read.ts';
import type { RedisClient } from '../redis/client.ts';
import { fill, type GenerateCommand, generate } from './generate.ts';
import { redisTarget, type Target } from './target.ts';
import { aClock, aContext, aProblem } from './testing.ts';
import type { ListElements } from './traffic/elements.ts';

const command = (said: Partial<GenerateCommand['flags']> = {}): GenerateCommand => ({
  kind: 'generate',
  flags: {
    help: false,
    conf: 'pump.conf',
    redis: '',
    records: 10,
    rate: 0,
    encoding: 'msgpack',
    size: 0,
    seed: 1,
    lists: 'one',
    undecodable: 0,
    uptime: false,
    ...said,
  },
});

const prefixes = { keyPrefix: 'p-', uptimeKeyPrefix: 'u-' };

function aTarget() {
  const pushes: (readonly ListElements[])[] = [];
  const target: Target = {
    push: (lists) => {
      pushes.push(lists);
      return Promise.resolve();
    },
  };
  const sizes = () =>
    pushes.map((lists) => lists.reduce((sum, { elements }) => sum + elements.length, 0));
  const pushed = () => pushes.flat().flatMap(({ elements }) => elements);
  return { target, sizes, pushed };
}

describe('generate', () => {
  it('pushes every record in portions and ends with a summary', async () => {
    const { target, sizes } = aTarget();
    const context = aContext();
    expect(await fill(target, prefixes, command({ records: 2_500 }), context)).toBe(0);
    expect(sizes()).toEqual([1_000, 1_000, 500]);
    expect(context.out()).toMatch(/^2,500 records, [\d,]+ bytes, /);
    expect(context.out()).toContain('  p-tyk-system-analytics: 2,500\n');
    expect(context.err()).toContain('records [####################] 100 % 2,500 of 2,500');
  });

  it('pushes uptime records to their own list', async () => {
    const { target, pushed } = aTarget();
    const context = aContext();
    expect(await fill(target, prefixes, command({ records: 200, uptime: true }), context)).toBe(0);
    const chunk = uptimeDecoder.decode(pushed());
    expect(chunk.undecodable).toEqual([]);
    expect(chunk.size).toBe(200);
    expect(context.out()).toContain('  u-tyk-uptime-analytics: 200\n');
    const codes = pushed().map((bytes) => readUptime({ bytes }).responseCode);
    expect(new Set(codes)).toContain(503);
  });

  it('keeps to its rate', async () => {
    const { target, sizes } = aTarget();
    const clock = aClock();
    await fill(target, prefixes, command({ records: 100, rate: 100 }), aContext({ clock }));
    expect(sizes()).toEqual(Array.from({ length: 10 }, () => 10));
    expect(clock.elapsed()).toBe(900);
  });

  it('stops when the operator does', async () => {
    const { target, sizes } = aTarget();
    const context = aContext({ clock: { ...aClock(), elapsed: () => millis(0) } });
    const stopping: Target = {
      push: async (lists) => {
        await target.push(lists);
        context.stop();
      },
    };
    expect(await fill(stopping, prefixes, command({ records: 5_000, rate: 1 }), context)).toBe(130);
    expect(sizes()).toEqual([1]);
  });

  it('takes Redis and prefix from the configuration', async () => {
    const context = aContext({
      load: () =>
        Promise.resolve({ config: undefined, pumps: [], problems: [aProblem()], notes: [] }),
    });
    const connect = () => Promise.reject(new Error('never asked'));
    expect(await generate(command(), context, { connect })).toBe(1);
    expect(context.err()).toContain('purge_delay');
  });

  it.each([
    ['host:6380', 'host:6380'],
    ['[::1]:6379', '[::1]:6379'],
  ])('takes Redis from its flag (%s)', async (redis, expected) => {
    const context = aContext({ load: () => Promise.reject(new Error('never asked')) });
    const connect = () => Promise.reject(new Error('refused'));
    expect(await generate(command({ redis }), context, { connect })).toBe(1);
    expect(context.err()).toBe(`sluice: error: Redis at ${expected}: refused\n`);
  });

  it.each(['host', 'host:', ':6379', 'host:70000', '::1:6379'])(
    'refuses %s as Redis',
    async (redis) => {
      const context = aContext();
      const connect = () => Promise.reject(new Error('never asked'));
      expect(await generate(command({ redis }), context, { connect })).toBe(1);
      expect(context.err()).toContain("flag '--redis' expects HOST:PORT");
    },
  );
});

describe('the target in Redis', () => {
  it('appends in commands of bounded length, in order', async () => {
    const commands: (readonly [string, number, number])[] = [];
    const client = {
      rpush: (list: string, ...elements: Buffer[]) => {
        commands.push([list, elements.length, elements[0]![0]!]);
        return Promise.resolve(elements.length);
      },
    } as unknown as RedisClient;
    const small = Array.from({ length: 600 }, (_, index) => Buffer.of(Math.floor(index / 250)));
    const large = [Buffer.alloc(200_000, 1), Buffer.alloc(200_000, 2), Buffer.alloc(300_000, 3)];
    await redisTarget(client).push([
      { list: 'a', elements: small },
      { list: 'b', elements: large },
      { list: 'c', elements: [] },
    ]);
    expect(commands).toEqual([
      ['a', 250, 0],
      ['a', 250, 1],
      ['a', 100, 2],
      ['b', 1, 1],
      ['b', 1, 2],
      ['b', 1, 3],
    ]);
  });
});
