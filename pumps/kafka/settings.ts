import { type Bytes, bytes, type Limits, mebibytes, millis, seconds } from '#pump';
import type { Options } from './options.ts';
import type { PasswordLogin, ProducerSettings } from './producer/producer.ts';

/** The options with Tyk's meaning of empty and 0 worked in. What the other files of this folder are given. */
export interface Settings extends ProducerSettings {
  readonly metaData: Readonly<Record<string, string>>;
  readonly batchBytes: Bytes;
  readonly partitionBy: Options['partition_by'];
  readonly messageKey: Options['message_key'];
}

const defaultTimeout = seconds(10);
const defaultPort = 9092;

export function settingsOf(options: Options): Settings {
  return {
    brokers: options.broker.map(withPort),
    clientId: options.client_id || 'sluice',
    topic: options.topic,
    timeout: options.timeout > 0 ? millis(Math.max(1, options.timeout)) : defaultTimeout,
    compression: options.compression ?? (options.compressed ? 'snappy' : 'none'),
    metaData: options.meta_data,
    login: loginOf(options),
    batchBytes: batchBytesOf(options),
    partitionBy: options.partition_by,
    messageKey: options.message_key,
    transactionalId: options.transactional_id || undefined,
  };
}

/** Kafka's port where an address names none. */
export const withPort = (broker: string): string =>
  /:\d+$/.test(broker) ? broker : `${broker.replace(/:$/, '')}:${defaultPort}`;

function loginOf(options: Options): PasswordLogin | undefined {
  const { sasl_mechanism, sasl_username, sasl_password, sasl_algorithm } = options;
  const account = { username: sasl_username, password: sasl_password };
  if (isPlain(sasl_mechanism)) return { mechanism: 'plain', ...account };
  if (!isScram(sasl_mechanism)) return undefined;
  const mechanism = isSha512(sasl_algorithm) ? 'scram-sha-512' : 'scram-sha-256';
  return { mechanism, ...account };
}

export const isPlain = (mechanism: string): boolean =>
  mechanism === 'plain' || mechanism === 'PLAIN';
export const isScram = (mechanism: string): boolean =>
  mechanism === 'scram' || mechanism === 'SCRAM';
export const isOauth = (mechanism: string): boolean =>
  /^(?:oauthbearer|OAUTHBEARER)$/.test(mechanism);
export const isMsk = (mechanism: string): boolean =>
  /^(?:aws_msk_iam|AWS_MSK_IAM)$/.test(mechanism);
export const isSha512 = (algorithm: string): boolean =>
  algorithm === 'sha-512' || algorithm === 'SHA-512';

/** What one batch of a broker may hold unless it is told otherwise. */
const defaultBatch = mebibytes(1);
/** What is in flight must fit in memory several times. */
const mostBytes = mebibytes(32);

const batchBytesOf = ({ batch_bytes }: Options): Bytes =>
  batch_bytes > 0 ? bytes(batch_bytes) : defaultBatch;

/** What the route hands over at once is cut into so many requests: they cost less together than one by one. */
const requestsAtOnce = 4;

export function limitsOf(options: Options): Limits {
  return {
    records: requestsAtOnce * 1_000,
    bytes: bytes(Math.min(requestsAtOnce * batchBytesOf(options), mostBytes)),
    // Tyk Pump's writer waits as long.
    age: seconds(1),
    // A producer has one transaction at a time.
    inFlight: options.transactional_id === '' ? 4 : 1,
  };
}
