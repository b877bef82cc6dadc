import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { userCache } from '../../scripts/lib/user-cache.mjs';
import { freePort, launch, scratchFolder, Unavailable, untilReady } from './process.ts';

const run = promisify(execFile);
const version = 'v0.31.0';
const folder = userCache('statsd_exporter', version);
const program = path.join(folder, 'statsd_exporter');

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
  await needStatsdExporter();
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

/** Builds it with Go where it is not there yet. Throws `Unavailable` where that cannot be. */
export async function needStatsdExporter(): Promise<void> {
  if (existsSync(program)) return;
  await mkdir(folder, { recursive: true });
  console.warn('Building statsd_exporter with Go.');
  try {
    await run('go', ['install', `github.com/prometheus/statsd_exporter@${version}`], {
      env: { ...process.env, GOBIN: folder },
      cwd: folder,
      timeout: 600_000,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Unavailable(`statsd_exporter cannot be built here: ${reason ?? ''}`);
  }
}
