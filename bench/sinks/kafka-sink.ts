import path from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { startKafka } from '../../test/services/kafka.ts';
import { scratchFolder } from '../../test/services/process.ts';
import { FileFollower } from './file-follower.ts';
import { arrivalsOf } from './file-sinks.ts';
import { Seen } from './seen.ts';
import type { BenchSink } from './sink.ts';

/** A real broker. What has arrived is read from its log, so messages must not be compressed. Throws `Unavailable`. */
export async function kafkaSink(): Promise<BenchSink> {
  const logs = await scratchFolder('bench-kafka');
  const broker = await startKafka({ settings: { 'log.dirs': logs } });
  const kafka = new Kafka({
    clientId: 'bench-admin',
    brokers: [broker.plaintext],
    logLevel: logLevel.ERROR,
  });
  const admin = kafka.admin();
  await admin.connect();
  let number = 0;
  let topic: string | undefined;
  let seen = new Seen(0);
  let follower: FileFollower | undefined;
  const forget = async (): Promise<void> => {
    if (topic !== undefined) await admin.deleteTopics({ topics: [topic] });
  };
  return {
    interval: 20,
    async begin({ records }) {
      await forget();
      topic = `bench-${++number}`;
      await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1 }] });
      seen = new Seen(records);
      follower = new FileFollower(path.join(logs, `${topic}-0`), '.log', seen);
      const meta = { broker: [broker.plaintext], topic, client_id: 'bench' };
      return { kafka: { type: 'kafka', meta } };
    },
    look() {
      follower?.look();
      return Promise.resolve(arrivalsOf(seen));
    },
    async close() {
      await admin.disconnect();
      await broker.stop();
    },
  };
}
