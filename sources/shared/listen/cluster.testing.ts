/** Two workers of Node's cluster that listen at the same port, and answer with their process ids. */
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { silentLog, silentMetrics, systemClock } from '#source';
import { startListener } from './start-listener.ts';

if (cluster.isPrimary) {
  for (const worker of [cluster.fork(), cluster.fork()])
    worker.on('message', ({ port }: { port: number }) => console.log(`listening at ${port}`));
  process.on('SIGTERM', () => process.exit(0));
} else {
  const server = createServer((_, response) => response.end(String(process.pid)));
  const listener = await startListener({
    ...{ source: 'test', direction: 'in', listen: { host: '127.0.0.1', port: 0 } },
    onSocket: (socket) => server.emit('connection', socket),
    ...{ log: silentLog, metrics: silentMetrics, clock: systemClock },
  });
  process.send?.({ port: listener.port });
  process.on('disconnect', () => process.exit(0));
}
