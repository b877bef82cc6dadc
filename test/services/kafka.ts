import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { userCache, versionOf } from '../../scripts/lib/user-cache.mjs';
import { type Certificates, makeCertificates } from './certificates.ts';
import { needJavaAndMaven, runTool } from './java.ts';
import { brokerProperties, clusterId, listenersFrom, login } from './kafka-properties.ts';
import { type Child, freePort, launch, scratchFolder, untilReady } from './process.ts';

export interface KafkaOptions {
  /** Its first port; the next seven are its as well. By default any that are free. */
  readonly port?: number;
  /** Further settings of the broker: `{ 'auto.create.topics.enable': 'false' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface KafkaBroker {
  readonly plaintext: string;
  /** PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512, as `login` says. */
  readonly sasl: string;
  /** A client certificate is asked for and not needed. */
  readonly tls: string;
  /** Only for those with a client certificate. */
  readonly mutualTls: string;
  readonly saslTls: string;
  /** Like `plaintext`, but the broker tells its clients that it is at `proxyPort`: where to put a proxy of one's own. */
  readonly proxied: string;
  readonly proxyPort: number;
  readonly login: { readonly username: string; readonly password: string };
  readonly certificates: Certificates;
  readonly pid: number;
  output(): string;
  /** Ends the broker and its data. */
  stop(): Promise<void>;
  /** Crash: data and ports stay for `start`. */
  kill9(): Promise<void>;
  /** SIGTERM: data and ports stay for `start`. */
  end(): Promise<void>;
  /** Starts again after `kill9` or `end`. */
  start(): Promise<void>;
}

const source = fileURLToPath(new URL('kafka/pom.xml', import.meta.url));

/**
 * A real broker on 127.0.0.1: KRaft, broker and controller in one process, from the published jars. The first call on a
 * machine fetches them (46 MB); a start takes three to six seconds. Throws `Unavailable` where Java or Maven is missing
 * and cannot be installed.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaBroker> {
  const { settings = {}, port = await freePort([1, 2, 3, 4, 5, 6, 7]) } = options;
  const lib = await needKafka();
  const certificates = await makeCertificates();
  const dir = await scratchFolder('kafka');
  const listeners = listenersFrom(port);
  const properties = path.join(dir, 'server.properties');
  await writeFile(properties, await brokerProperties({ dir, listeners, certificates, settings }));
  const jvm = [
    ...['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'],
    ...['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'],
    ...['-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info'],
    ...['-cp', path.join(lib, '*')],
  ];
  const scram = (hash: string): readonly string[] => [
    '--add-scram',
    `SCRAM-SHA-${hash}=[name=${login.username},password=${login.password}]`,
  ];
  await runTool('java', [
    ...[...jvm, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties],
    ...[...scram('256'), ...scram('512')],
  ]);
  const begin = async (): Promise<Child> => {
    const child = launch('java', [...jvm, 'kafka.Kafka', properties]);
    const isReady = (): Promise<boolean> =>
      Promise.resolve(child.output().includes('Kafka Server started'));
    await untilReady(child, 'kafka', isReady, 120_000);
    return child;
  };
  let child = await begin();
  const at = (port: number): string => `127.0.0.1:${port}`;
  return {
    plaintext: at(listeners.plaintext),
    sasl: at(listeners.sasl),
    tls: at(listeners.tls),
    mutualTls: at(listeners.mutualTls),
    saslTls: at(listeners.saslTls),
    proxied: at(listeners.proxied),
    proxyPort: listeners.proxyPort,
    login,
    certificates,
    get pid() {
      return child.pid;
    },
    output: () => child.output(),
    async stop() {
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    },
    kill9: () => child.kill9(),
    end: () => child.stop(),
    async start() {
      child = await begin();
    },
  };
}

/** The folder of the broker's jars. Throws `Unavailable` where this machine cannot run them. */
export async function needKafka(): Promise<string> {
  await needJavaAndMaven();
  const lib = userCache('kafka', versionOf(source));
  if (existsSync(lib)) return lib;
  await mkdir(path.dirname(lib), { recursive: true });
  const fresh = await mkdtemp(`${lib}-`);
  try {
    await runTool('mvn', [
      ...['--quiet', '--batch-mode', '-f', source, 'dependency:copy-dependencies'],
      ...['-DincludeScope=runtime', `-DoutputDirectory=${fresh}`],
    ]);
    // In one step, for another test may fetch at the same time: then the first one's is kept.
    await rename(fresh, lib);
  } catch (error) {
    if (!existsSync(lib)) throw error;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return lib;
}
