/*
 * What clients of Kafka cost, and what they lose when answers are cut: the figures of docs/dependencies.md.
 *
 *   npx tsx --conditions=source bench/extra/kafka/main.ts cost|loss [--records 300000] [--rounds 3] [--compression none]
 *     [--seconds 14] CLIENT …
 *
 * A CLIENT is own, kafkajs, kafkajs:plain (not idempotent), kafkajs:turns (idempotent, one send to a partition at a time)
 * or platformatic, platformatic:plain, platformatic:turns; `=FOLDER` behind it is where the library is installed, and
 * `@NODE` the program that runs it. Rounds are interleaved, each client in a process of its own.
 */
import { fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import kafkajs from 'kafkajs';
import { Proxy } from '../../../pumps/kafka/proxy.testing.ts';
import { Topic } from '../../../pumps/kafka/topic.testing.ts';
import { type KafkaBroker, startKafka } from '../../../test/services/kafka.ts';

const partitions = 6;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    records: { type: 'string', default: '300000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '14' },
    compression: { type: 'string', default: 'none' },
  },
});
const [mode, ...clients] = positionals;
const broker = await startKafka({ settings: { 'message.max.bytes': '4000000' } });
try {
  for (let round = 1; round <= Number(values.rounds); round++)
    for (const client of clients) {
      const result = await (mode === 'cost' ? cost(client) : loss(client));
      console.log(JSON.stringify({ client, round, ...result }));
    }
} finally {
  await broker.stop();
}
process.exit(0);

async function cost(client: string): Promise<object> {
  const topic = await makeTopic();
  const { compression } = values;
  const order = { mode, broker: broker.plaintext, topic, compression, partitions };
  const { result } = begin(client, { ...order, records: Number(values.records) });
  return { compression, ...(await result) };
}

async function loss(client: string): Promise<object> {
  const topic = await makeTopic();
  const proxy = proxyFor(broker);
  await proxy.open();
  const { login, proxyPort } = broker;
  const order = { mode, broker: `127.0.0.1:${proxyPort}`, topic, login, partitions };
  const { result, stop } = begin(client, { ...order, compression: 'none' });
  await delay(2_000);
  let cuts = 0;
  for (; cuts < Number(values.seconds); cuts++) {
    proxy.answersToLose = 1;
    await delay(1_000);
  }
  proxy.answersToLose = 0;
  stop();
  const { acknowledged, failures } = (await result) as Told;
  await proxy.close();
  const read = await Topic.open(broker.plaintext, topic);
  const stored = (await read.messages()).map(({ value }) => Number(value));
  await read.close();
  const there = new Set(stored);
  return {
    ...{ cuts, failures, acknowledged: acknowledged.length },
    lost: acknowledged.filter((one) => !there.has(one)).length,
    twice: stored.length - there.size,
  };
}

interface Told {
  readonly acknowledged: readonly number[];
  readonly failures: number;
}

function begin(client: string, order: object) {
  const [, name = '', folder, node] = /^([^=@]+)(?:=([^@]+))?(?:@(.+))?$/.exec(client) ?? [];
  const child = fork(
    fileURLToPath(new URL('sender.mjs', import.meta.url)),
    [JSON.stringify({ ...order, name, ...(folder === undefined ? {} : { folder }) })],
    {
      execArgv: ['--import', 'tsx', '--conditions=source'],
      ...(node === undefined ? {} : { execPath: node }),
    },
  );
  const result = new Promise<object>((resolve, reject) => {
    child.once('message', (told) => resolve(told as object));
    child.once('exit', (code) => reject(new Error(`${client} ended with ${String(code)}`)));
  });
  return { result, stop: () => child.send('stop') };
}

async function makeTopic(): Promise<string> {
  const topic = `bench-${Date.now().toString(36)}`;
  const { logLevel, Kafka } = kafkajs;
  const admin = new Kafka({ brokers: [broker.plaintext], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions: partitions }],
  });
  await admin.disconnect();
  return topic;
}

function proxyFor({ proxyPort, proxied }: KafkaBroker): Proxy {
  return new Proxy(proxyPort, Number(proxied.split(':')[1]));
}
