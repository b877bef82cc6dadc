import { describe, expect, it } from 'vitest';
import { type Bytes, bytes, mebibytes } from '../lib/units.ts';
import { FakeLetters } from '../route/dead-letters/fake-letters.testing.ts';
import { never } from '../route/testing/fake-sink.testing.ts';
import { aLetter } from '../route/testing/parts.testing.ts';
import type { Spill } from '../spill/spill.ts';
import { aCrew, aRoute, assigned } from './crew.testing.ts';

describe('A crew', () => {
  it('runs the routes assigned to it and no others', async () => {
    const [mine, others] = [aRoute('MINE'), aRoute('OTHERS')];
    const { crew, clock, stop, running, stopped } = aCrew([mine, others], [assigned('MINE')]);
    mine.add(3);
    others.add(3);
    await clock.advance(1_000);

    expect(mine.sink.sizes).toEqual([3]);
    expect(others.opened.times).toBe(0);
    expect(await crew.check('MINE')).toMatchObject({ state: 'up' });
    expect(crew.check('OTHERS')).toBeUndefined();
    stop.abort();
    await clock.advance(0);
    expect(await running).toBe(0);
    expect(stopped).toEqual(['MINE']);
  });

  it.each([1, 3])('gives a route no more batches at once than its share (%i)', async (inFlight) => {
    const route = aRoute('A');
    route.sink.answer = never;
    const { clock } = aCrew([route], [assigned('A', { inFlight, inFlightBytes: mebibytes(32) })]);
    for (let range = 0; range < 5; range++) route.add(10);
    await clock.advance(5_000);

    expect(route.sink.mostUnderWay).toBe(inFlight);
  });

  it.each([
    [mebibytes(32), 4],
    [bytes(3_000), 1],
  ])(
    'lets a route hold no more bytes than its share (%i)',
    async (inFlightBytes: Bytes, ranges) => {
      const route = aRoute('A');
      const { clock } = aCrew([route], [assigned('A', { inFlightBytes })]);
      route.add(1);
      await clock.advance(5_000);
      route.sink.answer = never;
      const before = route.source.taken;
      for (let range = 0; range < 4; range++) route.add(10);
      await clock.advance(5_000);

      expect(route.source.taken - before).toBe(ranges);
    },
  );

  it.each([
    [true, 1],
    [false, 0],
  ])(
    'looks for dead letters to deliver again only where that is its part (%s)',
    async (retriesLetters, delivered) => {
      const route = aRoute('A');
      const letters = new FakeLetters();
      letters.asked = [{ ...aLetter(), route: 'A', encoding: 'msgpack' }];
      const { clock } = aCrew([route], [assigned('A', { retriesLetters })], { letters });
      await clock.advance(60_000);

      expect(route.sink.batches).toHaveLength(delivered);
      expect(letters.looks > 0).toBe(retriesLetters);
    },
  );

  it('makes a route anew that fails by a bug, with what it had held, and its sibling notices nothing', async () => {
    const [broken, sibling] = [aRoute('BROKEN'), aRoute('SIBLING')];
    let bugs = 1;
    broken.chunks.read = (range, signal) =>
      bugs-- > 0 ? Promise.reject(new TypeError('a bug')) : broken.source.read(range, signal);
    const { clock, crew, log, stop, running } = aCrew(
      [broken, sibling],
      [assigned('BROKEN'), assigned('SIBLING')],
    );
    const range = broken.add(2);
    await clock.advance(900);
    sibling.add(2);
    await clock.advance(50);

    expect(broken.source.released).toEqual([range]);
    expect(sibling.sink.sizes).toEqual([2]);
    await clock.advance(1_000);

    expect(broken.opened.times).toBe(2);
    expect(broken.sink.sizes).toEqual([2]);
    expect(broken.source.settled).toEqual([range]);
    expect(await crew.check('BROKEN')).toMatchObject({ state: 'up' });
    expect(log.warnings()).toEqual(['A pump failed by a bug and starts again.']);
    stop.abort();
    await clock.advance(0);
    expect(await running).toBe(0);
  });

  it('adds up what its routes leave unanswered', async () => {
    const routes = [aRoute('A'), aRoute('B'), aRoute('C')];
    for (const { sink } of routes.slice(0, 2)) sink.answer = never;
    const { clock, stop, abandon, running, stopped } = aCrew(
      routes,
      routes.map(({ name }) => assigned(name)),
    );
    for (const route of routes) route.add(10);
    await clock.advance(1_000);
    stop.abort();
    await clock.advance(1_000);
    expect(stopped).toEqual(['C']);

    abandon.abort();
    await clock.advance(10_000);

    expect(await running).toBe(2);
    expect(stopped).toEqual(['C', 'A', 'B']);
    expect(routes.map(({ source }) => source.released.length > 0)).toEqual([true, true, false]);
  });

  it('keeps the leases of its routes until they have ended, and what they acknowledged last', async () => {
    const route = aRoute('A');
    const { crew, clock, stop, running } = aCrew([route], [assigned('A')]);
    await clock.advance(1_000);
    stop.abort();
    await clock.advance(1_000);
    await running;
    expect(route.keeping.signal?.aborted).toBe(false);

    await crew.end();

    expect(route.keeping.isOver).toBe(true);
  });

  it('puts the spill between a route and what Redis has for it', async () => {
    const [route, onDisk] = [aRoute('A'), aRoute('A')];
    const between = (name: string) => ({
      ...onDisk.leases,
      read: onDisk.source.read.bind(onDisk.source),
      name,
    });
    // All that a crew asks of it.
    const spill = { between } as unknown as Spill;
    onDisk.add(4);
    route.add(7);
    const { clock } = aCrew([route], [assigned('A')], { spill });
    await clock.advance(1_000);

    expect(route.sink.sizes).toEqual([4]);
    expect(route.source.taken).toBe(0);
  });
});
