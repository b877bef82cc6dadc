import { createHash } from 'node:crypto';

/** What stands for the bytes of a record, so that what was stored can be compared with what was pushed. */
export const digestOf = (bytes: Uint8Array): string =>
  createHash('sha1').update(bytes).digest('base64');
