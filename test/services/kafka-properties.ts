import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Certificates } from './certificates.ts';

/** The account that every login of the broker takes. */
export const login = { username: 'tester', password: 'tester-secret' };
export const clusterId = 'AAAAAAAAAAAAAAAAAAAAAQ';

/** Ports of the broker, one after the other. */
export interface Listeners {
  readonly plaintext: number;
  readonly sasl: number;
  readonly tls: number;
  readonly mutualTls: number;
  readonly saslTls: number;
  readonly proxied: number;
  /** Nobody listens here; `proxied` says that it does. */
  readonly proxyPort: number;
  readonly controller: number;
}

export const listenersFrom = (port: number): Listeners => ({
  plaintext: port,
  sasl: port + 1,
  tls: port + 2,
  mutualTls: port + 3,
  saslTls: port + 4,
  proxied: port + 5,
  proxyPort: port + 6,
  controller: port + 7,
});

export interface Broker {
  readonly dir: string;
  readonly listeners: Listeners;
  readonly certificates: Certificates;
  readonly settings: Readonly<Record<string, string>>;
}

/** The broker's configuration file. Of a setting that comes twice the last one counts. */
export async function brokerProperties({
  dir,
  listeners,
  certificates,
  settings,
}: Broker): Promise<string> {
  const keyStore = path.join(dir, 'broker.pem');
  const { key, cert, ca } = certificates;
  await writeFile(keyStore, Buffer.concat([key, cert, ca]));
  const at = (name: string, port: number): string => `${name}://127.0.0.1:${port}`;
  const outside = [
    at('PLAINTEXT', listeners.plaintext),
    at('SASL_PLAINTEXT', listeners.sasl),
    at('SSL', listeners.tls),
    at('MUTUAL', listeners.mutualTls),
    at('SASL_SSL', listeners.saslTls),
  ];
  const controller = at('CONTROLLER', listeners.controller);
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${listeners.controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: [...outside, at('PROXIED', listeners.proxied), controller].join(),
    'advertised.listeners': [...outside, at('PROXIED', listeners.proxyPort)].join(),
    'listener.security.protocol.map': [
      ...['PLAINTEXT:PLAINTEXT', 'SASL_PLAINTEXT:SASL_PLAINTEXT', 'SSL:SSL', 'MUTUAL:SSL'],
      ...['SASL_SSL:SASL_SSL', 'PROXIED:SASL_PLAINTEXT', 'CONTROLLER:PLAINTEXT'],
    ].join(),
    ...logins,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keyStore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.caFile,
    'listener.name.ssl.ssl.client.auth': 'requested',
    'listener.name.mutual.ssl.client.auth': 'required',
    'log.dirs': path.join(dir, 'logs'),
    ...small,
    ...settings,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

const modules = 'org.apache.kafka.common.security';
const saslListeners = ['sasl_plaintext', 'sasl_ssl', 'proxied'];
const logins = Object.fromEntries([
  ['sasl.enabled.mechanisms', 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER'],
  ...saslListeners.flatMap((listener) => [
    [
      `listener.name.${listener}.plain.sasl.jaas.config`,
      `${modules}.plain.PlainLoginModule required user_${login.username}="${login.password}";`,
    ],
    // It takes tokens without a signature (RFC 7515, "none"), as a broker does that is only tested.
    [
      `listener.name.${listener}.oauthbearer.sasl.jaas.config`,
      `${modules}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="${login.username}";`,
    ],
    ...['scram-sha-256', 'scram-sha-512'].map((mechanism) => [
      `listener.name.${listener}.${mechanism}.sasl.jaas.config`,
      `${modules}.scram.ScramLoginModule required;`,
    ]),
  ]),
]) as Readonly<Record<string, string>>;

/** One broker, few threads, little memory, quick to notice that it was killed. */
const small = {
  'num.partitions': '3',
  'auto.create.topics.enable': 'true',
  'default.replication.factor': '1',
  'min.insync.replicas': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '1',
  'group.initial.rebalance.delay.ms': '0',
  'broker.session.timeout.ms': '2000',
  'broker.heartbeat.interval.ms': '500',
  'num.network.threads': '2',
  'num.io.threads': '2',
  'background.threads': '2',
  'num.recovery.threads.per.data.dir': '1',
  'log.cleaner.dedupe.buffer.size': '8388608',
  'log.segment.bytes': '67108864',
};
