import { getHeapStatistics } from 'node:v8';
import type { Metrics } from '../../lib/metrics.ts';

/** The heap of the thread that asks: Node's own metrics know that of the main thread alone. What is called sets it. */
export function createWorkerHeap(metrics: Metrics, worker: number): () => void {
  const heap = metrics.gauge({
    name: 'sluice_worker_heap_bytes',
    help: 'Bytes of the JavaScript heap in use in a worker thread; `nodejs_heap_size_used_bytes` is that of the main thread.',
    labels: ['worker'],
  });
  return () => heap.set(getHeapStatistics().used_heap_size, { worker: String(worker) });
}
