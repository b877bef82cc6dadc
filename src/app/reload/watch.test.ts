import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { millis } from '../../lib/units.ts';
import { watchFiles } from './watch.ts';

function aWatch() {
  const clock = new FakeClock();
  const stop = new AbortController();
  const world = { every: 1000, files: ['conf'], texts: new Map([['conf', 'one']]), changes: 0 };
  const watching = watchFiles(
    {
      clock,
      every: () => millis(world.every),
      files: () => world.files,
      onChange: () => {
        world.changes++;
        return Promise.resolve();
      },
      read: (file) => {
        const text = world.texts.get(file);
        return text === undefined
          ? Promise.reject(new Error('none'))
          : Promise.resolve(Buffer.from(text));
      },
    },
    stop.signal,
  );
  return { clock, stop, world, watching };
}

describe('Files that are watched', () => {
  it('are read again once they have stayed the same for two looks', async () => {
    const { clock, world, stop, watching } = aWatch();
    await clock.advance(1000);
    world.texts.set('conf', 'tw');
    await clock.advance(1000);
    world.texts.set('conf', 'two');
    await clock.advance(1000);
    expect(world.changes).toBe(0);
    await clock.advance(1000);
    expect(world.changes).toBe(1);
    // What was refused is not read again until it changes again.
    await clock.advance(10_000);
    expect(world.changes).toBe(1);
    stop.abort();
    await watching;
  });

  it('may come and go, and others may take their place', async () => {
    const { clock, world, stop, watching } = aWatch();
    await clock.advance(1000);
    world.texts.delete('conf');
    world.files = ['conf', 'secret'];
    await clock.advance(2000);
    expect(world.changes).toBe(1);
    world.texts.set('secret', 'now it is there');
    await clock.advance(2000);
    expect(world.changes).toBe(2);
    stop.abort();
    await watching;
  });

  it('are left alone where nobody wants them watched, and what changed meanwhile is found afterwards', async () => {
    const { clock, world, stop, watching } = aWatch();
    await clock.advance(0);
    world.every = 0;
    world.texts.set('conf', 'two');
    await clock.advance(60_000);
    expect(world.changes).toBe(0);
    world.every = 1000;
    await clock.advance(10_000);
    expect(world.changes).toBe(1);
    stop.abort();
    await watching;
  });
});
