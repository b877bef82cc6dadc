import type { MessageSet } from './wire/message.ts';

/** One message with that value. */
export function aMessageSet(value: string, partition = 0): MessageSet {
  const values = Buffer.from(value);
  const { length } = values;
  const message = { id: 's:0', values, from: 0, to: length, key: null, size: length + 100 };
  return { partition, messages: [message] };
}
