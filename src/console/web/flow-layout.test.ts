import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Box, layoutFlow } from './flow-layout.ts';

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

it('gives each part its place within the picture, and no two the same, however wide it is', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 300, max: 2_500 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 40 }),
      (width, lists, routes) => {
        const layout = layoutFlow(width, lists, routes);
        const boxes = [...layout.lists, layout.segments, ...layout.routes, ...layout.sinks];
        expect(boxes).toHaveLength(lists + 1 + 2 * routes);
        for (const [at, box] of boxes.entries()) {
          expect(box.x).toBeGreaterThanOrEqual(0);
          expect(box.y).toBeGreaterThanOrEqual(0);
          expect(box.x + box.width).toBeLessThanOrEqual(width);
          expect(box.y + box.height).toBeLessThanOrEqual(layout.height);
          expect(box.width).toBeGreaterThan(120);
          for (const other of boxes.slice(at + 1)) expect(overlap(box, other)).toBe(false);
        }
      },
    ),
  );
});

it('stands one below the other where it is narrow', () => {
  expect(layoutFlow(360, 1, 2).isTall).toBe(true);
  const { lists, segments, routes, isTall } = layoutFlow(1_200, 1, 2);
  expect(isTall).toBe(false);
  expect([lists[0]?.x, segments.x, routes[0]?.x].toSorted((a = 0, b = 0) => a - b)).toEqual([
    lists[0]?.x,
    segments.x,
    routes[0]?.x,
  ]);
});

it('has a line to every route and sink', () => {
  const layout = layoutFlow(1_200, 3, 7);
  expect([layout.fromLists, layout.toRoutes, layout.toSinks].map(({ length }) => length)).toEqual([
    3, 7, 7,
  ]);
});
