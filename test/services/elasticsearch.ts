import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Flavour, needElasticsearch } from './elasticsearch-build.ts';
import { type Child, freePort, launch, scratchFolder, untilReady } from './process.ts';

export interface ElasticsearchOptions {
  readonly flavour?: Flavour;
  /** Further settings: `{ 'thread_pool.write.queue_size': '1' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface ElasticsearchServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  output(): string;
  /** Ends the server and its data. */
  stop(): Promise<void>;
  /** Crash: data and port stay for `start`. */
  kill9(): Promise<void>;
  /** Starts again after `kill9`. */
  start(): Promise<void>;
}

/**
 * A real single node on 127.0.0.1, ready for requests: the published server jars behind a small launcher. No security
 * and no TLS. The first call on a machine builds it (a quarter of a minute); a start takes three to eight seconds.
 * Throws `Unavailable` where Java or Maven is missing and cannot be installed.
 */
export async function startElasticsearch(
  options: ElasticsearchOptions = {},
): Promise<ElasticsearchServer> {
  const { flavour = 'elasticsearch8', settings = {} } = options;
  const home = await needElasticsearch(flavour);
  const dir = await scratchFolder(flavour);
  // The next port is the node's own.
  const port = await freePort([1]);
  const how = { flavour, home, dir, port, settings };
  let child = await launchNode(how);
  return {
    url: urlOf(port),
    port,
    get pid() {
      return child.pid;
    },
    output: () => child.output(),
    async stop() {
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    },
    kill9: () => child.kill9(),
    async start() {
      child = await launchNode(how);
    },
  };
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}`;

interface Launch {
  readonly flavour: Flavour;
  readonly home: string;
  readonly dir: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
}

async function launchNode({ flavour, home, dir, port, settings }: Launch): Promise<Child> {
  const prefix = flavour === 'opensearch' ? 'opensearch' : 'es';
  const child = launch('java', [
    ...['-Xms128m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    '-Dlog4j2.disable.jmx=true',
    `-D${prefix}.set.netty.runtime.available.processors=false`,
    ...['-cp', `${path.join(home, 'classes')}:${path.join(home, 'lib')}/*`, 'Launcher'],
    // Only Elasticsearch 8 loads modules from a home.
    ...(flavour === 'elasticsearch8' ? [home] : []),
    ...[dir, String(port), 'logger.level=error'],
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  ]);
  await untilReady(child, flavour, () => isHealthy(port), 120_000);
  return child;
}

async function isHealthy(port: number): Promise<boolean> {
  const address = `${urlOf(port)}/_cluster/health?wait_for_status=yellow&timeout=5s`;
  const response = await fetch(address, { signal: AbortSignal.timeout(10_000) });
  await response.arrayBuffer();
  return response.ok;
}
