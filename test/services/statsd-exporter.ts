import { rm } from 'node:fs/promises';
import path from 'node:path';
import { needGoTool } from './go.ts';
import { freePort, launch, scratchFolder, untilReady } from './process.ts';

export interface StatsdExporter {
  /** The same port for UDP and TCP. */
  readonly port: number;
  /** The path of its Unix datagram socket. */
  readonly socket: string;
  /** Its page, by sample: `name{labels}` → value. */
  samples(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

/**
 * Prometheus's statsd_exporter, which reads DogStatsD tags and says what it could not read. Built with Go on first use
 * (three quarters of a minute). Throws `Unavailable` where there is no Go.
 */
export async function startStatsdExporter(): Promise<StatsdExporter> {
  const program = await needStatsdExporter();
  const dir = await scratchFolder('statsd-exporter');
  const port = await freePort([1]);
  const socket = path.join(dir, 'socket');
  const page = `http://127.0.0.1:${port + 1}`;
  const child = launch(program, [
    ...[`--statsd.listen-udp=127.0.0.1:${port}`, `--statsd.listen-tcp=127.0.0.1:${port}`],
    ...[`--statsd.listen-unixgram=${socket}`, `--web.listen-address=127.0.0.1:${port + 1}`],
    ...['--statsd.read-buffer=4194304', '--statsd.event-flush-interval=50ms'],
  ]);
  await untilReady(child, 'statsd_exporter', async () => (await fetch(`${page}/-/ready`)).ok);
  return {
    port,
    socket,
    async samples() {
      const lines = (await (await fetch(`${page}/metrics`)).text()).split('\n');
      return new Map(
        lines
          .filter((line) => line !== '' && !line.startsWith('#'))
          .map((line) => {
            const end = line.lastIndexOf(' ');
            return [line.slice(0, end), Number(line.slice(end + 1))];
          }),
      );
    },
    async stop() {
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Its program. Throws `Unavailable` where it is not there and cannot be built. */
export const needStatsdExporter = (): Promise<string> =>
  needGoTool({
    name: 'statsd_exporter',
    package: 'github.com/prometheus/statsd_exporter',
    version: 'v0.31.0',
  });
