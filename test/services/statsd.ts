import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, launch, scratchFolder, Unavailable, untilReady } from './process.ts';

export interface StatsdServer {
  readonly port: number;
  /** All values of each timer, by the daemon's name for it, as of the last flush; it flushes five times a second. */
  timers(): Promise<ReadonlyMap<string, readonly number[]>>;
  /** The sum of each counter over all flushes, and each gauge as of the last one that it was in. */
  counters(): Promise<ReadonlyMap<string, number>>;
  gauges(): Promise<ReadonlyMap<string, number>>;
  /** How many lines the daemon could not read. */
  badLines(): Promise<number>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('../../node_modules/statsd/stats.js', import.meta.url));

/** A backend that writes down what the daemon hands it at each flush. */
const backend = `exports.init = (_, config, events) => {
  const { appendFileSync } = require('node:fs');
  events.on('flush', (_, { timers, counters, gauges }) => {
    appendFileSync(config.flushFile, JSON.stringify({ timers, counters, gauges }) + '\\n');
  });
  return true;
};
`;

interface Flush {
  readonly timers: Readonly<Record<string, readonly number[]>>;
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
}

/** The daemon's program. Throws `Unavailable` where its package is not installed. */
export async function needStatsd(): Promise<string> {
  if (!existsSync(program)) throw new Unavailable('The npm package statsd is not installed.');
  return Promise.resolve(program);
}

/** Etsy's daemon. Throws `Unavailable` where its package is not installed. */
export async function startStatsd(protocol: 'udp' | 'tcp'): Promise<StatsdServer> {
  await needStatsd();
  const dir = await scratchFolder('statsd');
  const port = await freePort([1]);
  const file = (name: string): string => path.join(dir, name);
  // Of the older kind of module, whatever a package.json in a folder above says.
  await writeFile(file('package.json'), '{"type":"commonjs"}');
  await writeFile(file('backend.js'), backend);
  const config = {
    servers: [{ server: `./servers/${protocol}`, address: '127.0.0.1', port }],
    mgmt_port: port + 1,
    mgmt_address: '127.0.0.1',
    flushInterval: 200,
    backends: [file('backend.js')],
    flushFile: file('flushes'),
  };
  await writeFile(file('config.js'), JSON.stringify(config));
  await writeFile(file('flushes'), '');
  const child = launch(process.execPath, [program, file('config.js')]);
  await untilReady(child, 'statsd', async () => (await ask(port + 1, 'health')).includes('up'));
  const flushes = async (): Promise<readonly Flush[]> =>
    (await readFile(file('flushes'), 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Flush);
  return {
    port,
    async timers() {
      const all = new Map<string, number[]>();
      for (const { timers } of await flushes())
        for (const [name, values] of Object.entries(timers))
          all.set(name, [...(all.get(name) ?? []), ...values]);
      return all;
    },
    async counters() {
      const all = new Map<string, number>();
      for (const { counters } of await flushes())
        for (const [name, value] of Object.entries(counters))
          all.set(name, (all.get(name) ?? 0) + value);
      return all;
    },
    gauges: async () => new Map((await flushes()).flatMap(({ gauges }) => Object.entries(gauges))),
    badLines: async () =>
      (await flushes()).reduce(
        (sum, { counters }) => sum + (counters['statsd.bad_lines_seen'] ?? 0),
        0,
      ),
    async stop() {
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The first thing the management port says; it takes one command of a packet. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(`${command}\n`);
    const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(2_000) })) as [
      Buffer,
    ];
    return answer.toString();
  } finally {
    socket.destroy();
  }
}
