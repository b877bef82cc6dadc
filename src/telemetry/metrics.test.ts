import { describe, expect, it } from 'vitest';
import { ContractError } from '../lib/errors.ts';
import type { Metrics } from '../lib/metrics.ts';
import { lint } from './lint.testing.ts';
import { createMetrics, createThreadMetrics, remains } from './metrics.ts';

const bodyOf = async (metrics: ReturnType<typeof createMetrics>) =>
  (await metrics.exposition()).body;

describe('the metrics', () => {
  it('say what is running and how the process is', async () => {
    const body = await bodyOf(createMetrics({ version: '1.2.3' }));
    expect(body).toContain('sluice_build_info{version="1.2.3"} 1');
    expect(body).toContain('process_cpu_seconds_total');
  });

  it('of the process are named by the rules of Prometheus', async () => {
    expect(lint(await bodyOf(createMetrics({ version: '1.2.3' })))).toEqual([]);
  });

  it('count, gauge and observe under the names given', async () => {
    const metrics = createMetrics({ version: '0' });
    const labels = ['route'];
    metrics.counter({ name: 'a_total', help: 'A.', labels }).add(2, { route: 'CSV' });
    metrics.gauge({ name: 'b_bytes', help: 'B.' }).set(7);
    metrics.histogram({ name: 'c_seconds', help: 'C.', buckets: [1, 2] }).observe(1.5);
    const body = await bodyOf(metrics);
    expect(body).toContain('a_total{route="CSV"} 2\n');
    expect(body).toContain('b_bytes 7\n');
    expect(body).toContain('c_seconds_bucket{le="2"} 1\n');
  });

  it('count the same in series that are kept', async () => {
    const metrics = createMetrics({ version: '0' });
    const labels = ['way'];
    const counter = metrics.counter({ name: 'a_total', help: 'A.', labels });
    const histogram = metrics.histogram({ name: 'b_seconds', help: 'B.', labels, buckets: [1, 2] });
    const [counted, observed] = [counter.of({ way: 'in' }), histogram.of({ way: 'in' })];
    counted.add(2);
    counter.add(3, { way: 'in' });
    counter.of({ way: 'in' }).add(4);
    observed.observe(2);
    histogram.observe(9, { way: 'in' });
    histogram.of({ way: 'in' }).observe(0.5);
    const lines = [
      ...['a_total{way="in"} 9', 'b_seconds_bucket{le="1",way="in"} 1'],
      ...['b_seconds_bucket{le="2",way="in"} 2', 'b_seconds_bucket{le="+Inf",way="in"} 3'],
      ...['b_seconds_sum{way="in"} 11.5', 'b_seconds_count{way="in"} 3'],
    ];
    for (const line of lines) expect(await bodyOf(metrics)).toContain(`${line}\n`);
    counted.add(1);
    expect(await bodyOf(metrics)).toContain('a_total{way="in"} 10\n');
  });

  it('show no series that nobody has counted in', async () => {
    const metrics = createMetrics({ version: '0' });
    metrics.counter({ name: 'a_total', help: 'A.', labels: ['way'] }).of({ way: 'in' });
    metrics
      .histogram({ name: 'b_seconds', help: 'B.', labels: ['way'], buckets: [1] })
      .of({ way: 'in' });
    metrics.histogram({ name: 'c_seconds', help: 'C.', buckets: [1] });
    const body = await bodyOf(metrics);
    expect(body).not.toContain('way=');
    // As everywhere: one without labels is there from the start.
    expect(body).toContain('c_seconds_count 0\n');
  });

  it('give the same series for the same labels, so that who asks again holds nothing more', () => {
    const metrics = createMetrics({ version: '0' });
    const labels = ['way', 'side'];
    const counter = metrics.counter({ name: 'a_total', help: 'A.', labels });
    const histogram = metrics.histogram({ name: 'b_seconds', help: 'B.', labels, buckets: [1] });
    for (const metric of [counter, histogram])
      expect(metric.of({ side: 'a', way: 'in' })).toBe(metric.of({ way: 'in', side: 'a' }));
  });

  it('refuse what cannot be counted, where it is counted', () => {
    const metrics = createMetrics({ version: '0' });
    const counted = metrics.counter({ name: 'a_total', help: 'A.' }).of({});
    const observed = metrics.histogram({ name: 'b_seconds', help: 'B.', buckets: [1] });
    expect(() => counted.add(-1)).toThrow(ContractError);
    expect(() => counted.add(Number.NaN)).toThrow(ContractError);
    expect(() => observed.observe(Number.NaN)).toThrow(ContractError);
  });

  it('have no labels that were not declared', () => {
    const metrics = createMetrics({ version: '0' });
    const histogram = metrics.histogram({ name: 'b_seconds', help: 'B.', buckets: [1] });
    expect(() => histogram.observe(1, { way: 'in' })).toThrow('b_seconds has no label way');
    const counter = metrics.counter({ name: 'a_total', help: 'A.' });
    expect(() => counter.of({ way: 'in' })).toThrow('a_total has no label way');
  });

  it('are the same for the same definition', async () => {
    const metrics = createMetrics({ version: '0' });
    metrics.counter({ name: 'a_total', help: 'A.' }).add(1);
    metrics.counter({ name: 'a_total', help: 'A.' }).add(1);
    expect(await bodyOf(metrics)).toContain('a_total 2\n');
  });

  it('are of one kind', () => {
    const metrics = createMetrics({ version: '0' });
    metrics.counter({ name: 'a_total', help: 'A.' });
    expect(() => metrics.gauge({ name: 'a_total', help: 'A.' })).toThrow(ContractError);
  });

  it('are in the text format of Prometheus', async () => {
    const { contentType } = await createMetrics({ version: '0' }).exposition();
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('are not shared between registries', async () => {
    createMetrics({ version: '0' }).counter({ name: 'only_here_total', help: 'A.' }).add(1);
    expect(await bodyOf(createMetrics({ version: '0' }))).not.toContain('only_here_total');
  });

  const counted = (metrics: Metrics, amount: number): void => {
    metrics.counter({ name: 'a_total', help: 'A.' }).add(amount);
    metrics.gauge({ name: 'b_bytes', help: 'B.' }).set(amount);
    metrics.gauge({ name: 'c_state', help: 'C.', across: 'max' }).set(amount);
    metrics.histogram({ name: 'd_seconds', help: 'D.', buckets: [1, 4] }).observe(amount);
  };

  it('of several threads are one sum, or the largest where that is what they mean', async () => {
    const metrics = createMetrics({ version: '0' });
    const threads = [createThreadMetrics(), createThreadMetrics()];
    [metrics, ...threads].forEach((each, index) => counted(each, index + 1));
    const snapshots = await Promise.all(threads.map((each) => each.snapshot()));
    const { body } = await metrics.exposition(structuredClone(snapshots));
    expect(body).toContain('a_total 6\n');
    expect(body).toContain('b_bytes 6\n');
    expect(body).toContain('c_state 3\n');
    expect(body).toContain('d_seconds_bucket{le="1"} 1\n');
    expect(body).toContain('d_seconds_count 3\n');
    expect(body.match(/^# HELP process_cpu_seconds_total/gm)).toHaveLength(1);
    expect(body).toContain('process_start_time_seconds ');
  });

  it('of a thread that is gone stay counted, and what it measured at that moment does not', async () => {
    const thread = createThreadMetrics();
    counted(thread, 2);
    const first = await remains([await thread.snapshot()]);
    const { body } = await createMetrics({ version: '0' }).exposition([
      await remains([first, await thread.snapshot()]),
    ]);
    expect(body).toContain('a_total 4\n');
    expect(body).toContain('d_seconds_sum 4\n');
    expect(body).not.toContain('b_bytes');
  });
});
