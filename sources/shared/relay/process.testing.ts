/** The relay as a process of its own, with what a source gives it: for `npm run bench -- --capture`, and to see its memory. */
import { createServer } from 'node:net';
import { mebibytes, silentLog, systemClock } from '#source';
import { SharedCopyBudget } from '../../../src/capture/copy-budget.ts';
import { nothingWaits } from '../../../src/capture/exchange.testing.ts';
import { captureMetrics } from '../../../src/capture/metrics.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { startListener } from '../listen/start-listener.ts';
import { createRelay } from './create-relay.ts';
import type { Upstream } from './decision.ts';
import { withoutHopByHop } from './headers.ts';

const [origin = '', mode = '', socketPath = '', megabytes = '64'] = process.argv.slice(2);
const metrics = createMetrics({ version: 'bench' });
const upstream: Upstream = {
  ...{ protocol: 'http:', host: '127.0.0.1', connectTimeout: 5000 },
  ...(origin.includes('/') ? { port: 0, socketPath: origin } : { port: Number(origin) }),
};
let recorded = 0;
const relay = createRelay({
  ...{ source: 'bench', direction: 'in' },
  context: {
    ...{ name: 'bench', log: silentLog, metrics, clock: systemClock, redis: undefined },
    isRecording: mode !== 'silent',
    writing: nothingWaits,
    bodyLimit: mode === 'bodies' ? 64 * 1024 : 0,
    copies: new SharedCopyBudget({
      ...{ bound: mebibytes(Number(megabytes)), clock: systemClock, log: silentLog },
      metrics: captureMetrics(metrics),
    }),
    record: () => {
      recorded += 1;
    },
  },
  decide: (head) => ({
    ...{ kind: 'forward', upstream, target: head.target, call: {} },
    headers: withoutHopByHop(head.rawHeaders),
  }),
});
if (socketPath === '') {
  const listener = await startListener({
    ...{ source: 'bench', direction: 'in', listen: { host: '127.0.0.1', port: 0 } },
    ...{ onSocket: (socket) => relay.accept(socket), log: silentLog, metrics, clock: systemClock },
  });
  console.log(`listening at ${listener.port}`);
} else
  createServer({ allowHalfOpen: true }, (socket) => relay.accept(socket)).listen(socketPath, () =>
    console.log(`listening at ${socketPath}`),
  );
process.on('SIGUSR2', () => {
  gc?.();
  console.log(`held ${process.memoryUsage().arrayBuffers}`);
});
process.on('SIGTERM', () => {
  console.log(`recorded ${recorded}`);
  process.exit(0);
});
