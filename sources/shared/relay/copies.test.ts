import { expect, test } from 'vitest';
import { SharedCopyBudget } from '../../../src/capture/copy-budget.ts';
import { captureMetrics } from '../../../src/capture/metrics.ts';
import { FakeClock } from '../../../src/lib/fake-clock.testing.ts';
import { CountingMetrics } from '../../../src/lib/metrics.testing.ts';
import { bytes } from '../../../src/lib/units.ts';
import { memoryLog } from '../../../test/services/memory-log.ts';
import {
  forwardTo,
  RawClient,
  speak,
  startOrigin,
  startRelay,
  upstreamAt,
} from './relay.testing.ts';

const post = (body: string, further = ''): string =>
  `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${further}`;

test('copies of bodies have a bound that all calls share, and what ends makes room', async () => {
  const clock = new FakeClock();
  const log = memoryLog();
  const metrics = new CountingMetrics();
  const ours = captureMetrics(metrics);
  const copies = new SharedCopyBudget({ ...{ bound: bytes(100), clock, log, metrics: ours } });
  const held = (): number => {
    copies.measure();
    return metrics.gauges.get('sluice_capture_body_copies_bytes') ?? 0;
  };
  const origin = await startOrigin((request, response) => {
    request.resume().on('end', () => response.end());
  });
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)), copies });

  const slow = new RawClient(relay.port);
  slow.send(post('x'.repeat(81), 'x'.repeat(80)));
  await expect.poll(held).toBe(80);
  await speak(relay.port, post('y'.repeat(50), 'y'.repeat(50)));
  await speak(relay.port, post('z'.repeat(20), 'z'.repeat(20)));
  expect(await bodyOf(0)).toEqual({ kept: 'y'.repeat(20), length: 50 });
  expect(await bodyOf(1)).toEqual({ kept: 'z'.repeat(20), length: 20 });
  expect(metrics.of('sluice_capture_cut_bodies_total')).toBe(1);

  slow.send('x');
  await slow.ended();
  expect((await bodyOf(2)).length).toBe(81);
  expect(held()).toBe(0);
  await speak(relay.port, post('y'.repeat(50), 'y'.repeat(50)));
  expect((await bodyOf(3)).kept).toHaveLength(50);
  await relay.stop();
  await origin.stop();

  async function bodyOf(index: number) {
    const { body } = (await relay.exchange(index)).request;
    return { kept: Buffer.from(body.bytes).toString(), length: body.length };
  }
});

test('bodies that are cut for lack of room are said once a minute, and counted', async () => {
  const clock = new FakeClock();
  const log = memoryLog();
  const metrics = new CountingMetrics();
  const budget = new SharedCopyBudget({
    ...{ bound: bytes(10), clock, log, metrics: captureMetrics(metrics) },
  });
  expect([budget.take(8), budget.take(8), budget.take(1)]).toEqual([8, 2, 0]);
  await clock.advance(60_000);
  expect(budget.take(1)).toBe(0);
  budget.give(5);
  expect(budget.take(8)).toBe(5);
  expect(metrics.of('sluice_capture_cut_bodies_total')).toBe(4);
  expect(log.lines.map(({ fields }) => fields['bodies'])).toEqual([1, 2]);
});
