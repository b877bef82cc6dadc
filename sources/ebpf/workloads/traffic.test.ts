import { expect, it } from 'vitest';
import { CountingMetrics } from '../../../src/lib/metrics.testing.ts';
import type { ProcessFacts } from '../watch/processes.ts';
import { AllTraffic } from './traffic.ts';

const facts = (pid: number, name: string, start = 1): ProcessFacts => ({
  ...{ pid, parent: 1, start, uid: 0, name, program: `/bin/${name}`, container: undefined },
  ...{ libraries: [], unseen: [], isReadable: true },
});

const bytes = 'sluice_capture_ebpf_workload_bytes_total';

it('tells the metrics what has grown, by the names of programs', () => {
  const metrics = new CountingMetrics();
  const traffic = new AllTraffic('e', metrics);
  const [one, two] = [facts(1, 'nginx'), facts(2, 'nginx')];
  traffic.of(one).readBytes += 10;
  traffic.of(two).readBytes += 5;
  traffic.settle([one, two]);
  traffic.of(one).readBytes += 1;
  traffic.settle([one, two]);
  expect(metrics.of(bytes, 'e', 'nginx', 'in')).toBe(16);
});

it('forgets a process that runs no more, and not what it had', () => {
  const metrics = new CountingMetrics();
  const traffic = new AllTraffic('e', metrics);
  const [old, next] = [facts(1, 'curl'), facts(1, 'curl', 2)];
  traffic.of(old).writtenBytes += 7;
  traffic.settle([next]);
  expect([traffic.find('1-1'), traffic.of(next).writtenBytes]).toEqual([undefined, 0]);
  expect(metrics.of(bytes, 'e', 'curl', 'out')).toBe(7);
});

it('gives 50 names a metric of their own, and one to all others', () => {
  const metrics = new CountingMetrics();
  const traffic = new AllTraffic('e', metrics);
  const all = Array.from({ length: 60 }, (_, index) => facts(index + 1, `p${index}`));
  for (const each of all) traffic.of(each).unseenBytes += 1;
  traffic.settle(all);
  const unseen = 'sluice_capture_ebpf_workload_unseen_bytes_total';
  expect(metrics.of(unseen, 'e', 'p49')).toBe(1);
  expect(metrics.of(unseen, 'e', 'other')).toBe(10);
});
