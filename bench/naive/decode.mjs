import { fileURLToPath } from 'node:url';
import { unpack } from 'msgpackr';
import protobuf from 'protobufjs';

const list = 'analytics-tyk-system-analytics';
const shards = ['', ...Array.from({ length: 10 }, (_, shard) => `_${shard}`)];

/**
 * The lists that are drained, each with what makes objects of its elements: the two bare ones, and of the others those
 * that are there at the start, for asking for all of them again and again would cost more than a backlog in one.
 */
export async function loadDecoders(redis) {
  const schema = fileURLToPath(new URL('analytics.proto', import.meta.url));
  const root = await new protobuf.Root().load(schema, { keepCase: true });
  const Record = root.lookupType('Record');
  const fromProtobuf = (bytes) => Record.toObject(Record.decode(bytes), { longs: Number });
  const all = shards.flatMap((shard) => [
    { key: `${list}${shard}`, decode: (bytes) => readTimes(unpack(bytes)) },
    { key: `${list}${shard}_protobuf`, decode: (bytes) => readTimes(fromProtobuf(bytes)) },
  ]);
  const [bare, others] = [all.slice(0, 2), all.slice(2)];
  const there = await Promise.all(others.map(({ key }) => redis.exists(key)));
  return [...bare, ...others.filter((_, at) => there[at] === 1)];
}

/** MessagePack has times as pairs, protobuf as objects. */
function readTimes(record) {
  record.TimeStamp = dateOf(record.TimeStamp);
  record.ExpireAt = dateOf(record.ExpireAt);
  return record;
}

function dateOf(time) {
  const [seconds, nanos] = Array.isArray(time) ? time : [time?.seconds ?? 0, time?.nanos ?? 0];
  return new Date(seconds * 1000 + nanos / 1e6);
}
