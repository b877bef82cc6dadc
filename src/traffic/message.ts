import { recordedMessage } from '../query/payloads.ts';
import { contentOf } from '../record/har/content.ts';
import { messageParts } from '../record/har/message.ts';
import type { SpannedRecord } from '../record/span.ts';

const coded = /^(?:content|transfer)-encoding:/im;

/**
 * The message at a slot as the store looks through it: its head, and its body without chunks and compression. A body that cannot be decoded
 * stays as it is.
 */
export function searchedMessage(record: SpannedRecord, slot: number): Buffer {
  return withPlainBody(recordedMessage(record, slot));
}

/** The same of a message that was read already. */
export function withPlainBody(message: Buffer): Buffer {
  const end = message.indexOf('\r\n\r\n');
  if (end < 0 || !coded.test(message.toString('latin1', 0, end))) return message;
  const parts = messageParts(message);
  if (parts === undefined) return message;
  const content = contentOf(parts);
  return content === parts.body
    ? message
    : Buffer.concat([message.subarray(0, parts.headSize), content]);
}
