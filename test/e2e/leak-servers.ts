/** Sinks whose servers are real ones. */
import { MongoClient } from 'mongodb';
import { Topic } from '../../pumps/kafka/topic.testing.ts';
import { needKafka, startKafka } from '../services/kafka.ts';
import { databaseUrl, type MongoKind, mongoKinds } from '../services/mongo.ts';
import { whyUnavailable } from '../services/process.ts';
import type { LeakSink } from './leak-sinks.ts';
import type { Kind } from './secret-records.ts';

const nothing = (): Promise<void> => Promise.resolve();

/** Of those servers that can be had; the others are left out aloud. */
export async function serverSinks(): Promise<readonly LeakSink[]> {
  const all = [];
  if ((await whyUnavailable(needKafka)) === undefined) all.push(kafkaSinks());
  for (const kind of mongoKinds.slice(0, 1))
    if ((await whyUnavailable(kind.need)) === undefined) all.push(mongoSinks(kind));
  return (await Promise.all(all)).flat();
}

async function kafkaSinks(): Promise<readonly LeakSink[]> {
  const broker = await startKafka();
  const topic = await Topic.create(broker.plaintext, 'leaks');
  const messages: Buffer[] = [];
  return [
    {
      name: 'kafka',
      pump: { type: 'kafka', meta: { broker: [broker.plaintext], topic: topic.name } },
      whole: 'parts',
      async look() {
        for (const { key, value, headers } of await topic.messages())
          messages.push(Buffer.from([key, JSON.stringify(headers), value].join('\n')));
      },
      sent: () => Promise.resolve(messages),
      async stop() {
        await topic.close();
        await broker.stop();
      },
    },
  ];
}

async function mongoSinks(kind: MongoKind): Promise<readonly LeakSink[]> {
  const mongo = await kind.start();
  const sink = (
    type: string,
    about: Pick<LeakSink, 'kinds' | 'whole'> = {},
    fields?: object,
  ): LeakSink => {
    const name = fields === undefined ? type : `${type}-fields`;
    const url = databaseUrl(mongo, name);
    const documents: Buffer[] = [];
    const own = /aggregate|selective/.test(type) ? {} : { collection_name: 'calls' };
    return {
      name,
      pump: {
        type,
        ...(fields && { fields }),
        meta: {
          mongo_url: url,
          ...own,
          ...(/aggregate/.test(type) ? { track_all_paths: true } : {}),
        },
      },
      ...about,
      async look() {
        const client = new MongoClient(url);
        for (const { collectionName } of await client.db().collections())
          for (const document of await client.db().collection(collectionName).find().toArray())
            documents.push(Buffer.from(JSON.stringify(document)));
        await client.close();
      },
      sent: () => Promise.resolve(documents),
      stop: nothing,
    };
  };
  const chosen = {
    include: ['raw_request', '*', 'api_schema', 'graphql_stats', 'mcp_stats'],
    exclude: ['geo'],
    rename: { raw_request: 'asked', raw_response: 'answered', path: 'url' },
    constants: { site: 'here' },
  };
  const withoutTools = { kinds: ['call', 'graph'] } as const;
  const only = (each: Kind) => ({ kinds: [each] });
  return [
    { ...sink('mongo', { ...withoutTools, whole: 'parts' }), stop: () => mongo.stop() },
    sink('mongo', withoutTools, chosen),
    sink('mongo-pump-selective', { ...withoutTools, whole: 'parts' }),
    sink('mongo-pump-aggregate', only('call')),
    sink('mongo-graph', only('graph')),
    sink('mongo-mcp', only('mcp')),
    sink('mongo-mcp-aggregate', only('mcp')),
  ];
}
