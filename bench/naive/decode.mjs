import { fileURLToPath } from 'node:url';
import { unpack } from 'msgpackr';
import protobuf from 'protobufjs';

const list = 'analytics-tyk-system-analytics';

/** The lists that are drained, each with what makes objects of its elements. */
export async function loadDecoders() {
  const schema = fileURLToPath(new URL('analytics.proto', import.meta.url));
  const root = await new protobuf.Root().load(schema, { keepCase: true });
  const Record = root.lookupType('Record');
  const fromProtobuf = (bytes) => Record.toObject(Record.decode(bytes), { longs: Number });
  return [
    { key: list, decode: (bytes) => readTimes(unpack(bytes)) },
    { key: `${list}_protobuf`, decode: (bytes) => readTimes(fromProtobuf(bytes)) },
  ];
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
