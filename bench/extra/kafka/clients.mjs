// The clients of Kafka that are compared (docs/dependencies.md), each with the same three functions. A library is loaded
// from the folder that is named, so that none has to be a dependency.
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const signal = () => AbortSignal.timeout(20_000);

/**
 * Opens a client. `send` takes values for one partition and resolves when it says that they are stored.
 * @param {{ name: string, folder?: string, broker: string, topic: string, login?: { username: string, password: string }, compression: string }} order
 */
export async function openClient({ name, folder, broker, topic, login, compression }) {
  const [library, mode] = name.split(':');
  const load = createRequire(path.join(path.resolve(folder ?? '.'), 'package.json'));
  const isIdempotent = mode !== 'plain';
  const send = await {
    own: openOwn,
    kafkajs: openKafkajs,
    platformatic: openPlatformatic,
  }[library]({ load, broker, topic, login, compression, isIdempotent });
  return mode === 'turns' ? inTurns(send) : send;
}

async function openOwn({ broker, topic, login, compression }) {
  const { Producer, RecordSetWriter } = await import('../../../pumps/kafka/producer/producer.ts');
  const { ByteWriter } = await import('../../../src/lib/byte-writer.ts');
  const { systemClock: clock } = await import('../../../src/lib/clock.ts');
  const log = { warn: console.error, info() {}, error: console.error, debug() {} };
  const account = login && {
    ...{ mechanism: 'plain', username: login.username, password: { reveal: () => login.password } },
  };
  const settings = {
    ...{ brokers: [broker], clientId: 'bench', topic, timeout: 10_000, compression },
    ...{ login: account, transactionalId: undefined },
  };
  const producer = new Producer({ settings, tls: undefined, log, clock });
  const writer = new RecordSetWriter();
  const idle = [];
  return {
    async send(partition, values) {
      const out = idle.pop() ?? new ByteWriter();
      writer.begin(out);
      for (const [at, value] of values.entries()) {
        writer.open(null);
        out.bytes(value);
        writer.close('bench', at);
      }
      const set = { partition, count: writer.count, bytes: out.view() };
      const outcome = await producer.send(set, signal());
      if (!outcome.ok) throw new Error(outcome.failure.message);
      out.clear();
      idle.push(out);
    },
    close: () => producer.close(),
  };
}

async function openKafkajs({ load, broker, topic, login, compression, isIdempotent }) {
  const { Kafka, CompressionTypes, CompressionCodecs, Partitioners, logLevel } = load('kafkajs');
  if (compression === 'snappy') {
    const { codecOf } = await import('../../../pumps/kafka/producer/producer.ts');
    const { compress } = await codecOf('snappy');
    CompressionCodecs[CompressionTypes.Snappy] = () => ({
      compress: async ({ buffer }) => Buffer.from(await compress(buffer)),
    });
  }
  const types = {
    none: CompressionTypes.None,
    gzip: CompressionTypes.GZIP,
    snappy: CompressionTypes.Snappy,
  };
  const kafka = new Kafka({
    ...{ brokers: [broker], clientId: 'bench', logLevel: logLevel.NOTHING },
    ...(login ? { sasl: { mechanism: 'plain', ...login } } : {}),
  });
  const producer = kafka.producer({
    ...{ idempotent: isIdempotent, createPartitioner: Partitioners.DefaultPartitioner },
    ...(isIdempotent ? {} : { retry: { retries: 0 } }),
  });
  await producer.connect();
  return {
    async send(partition, values) {
      const messages = values.map((value, at) => ({
        ...{ key: null, value, partition, headers: { 'sluice-id': `bench:${at}` } },
      }));
      await producer.send({ topic, acks: -1, messages, compression: types[compression] });
    },
    close: () => producer.disconnect(),
  };
}

async function openPlatformatic({ load, broker, topic, login, compression, isIdempotent }) {
  const { Producer } = await import(pathToFileURL(load.resolve('@platformatic/kafka')).href);
  const producer = new Producer({
    ...{ clientId: 'bench', bootstrapBrokers: [broker], idempotent: isIdempotent, acks: -1 },
    ...(login ? { sasl: { mechanism: 'PLAIN', ...login } } : {}),
    compression,
  });
  return {
    async send(partition, values) {
      const messages = values.map((value, at) => ({
        ...{ topic, partition, value, headers: new Map([[header, Buffer.from(`bench:${at}`)]]) },
      }));
      await producer.send({ messages, acks: -1, idempotent: isIdempotent });
    },
    close: () => producer.close(true),
  };
}

const header = Buffer.from('sluice-id');

/** One send to a partition at a time. */
function inTurns({ send, close }) {
  const last = new Map();
  return {
    send(partition, values) {
      const sending = (last.get(partition) ?? Promise.resolve()).then(() =>
        send(partition, values),
      );
      last.set(
        partition,
        sending.catch(() => undefined),
      );
      return sending;
    },
    close,
  };
}
