import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** What an answer has at most: it says how many were refused, and why. */
export const mostOfAnswer = 1_048_576;

/** A copy of a message behind whether it is compressed, and its size. */
export async function framed(body: Uint8Array, isCompressed: boolean): Promise<Buffer> {
  const message = isCompressed ? await compress(body, { level: constants.Z_BEST_SPEED }) : body;
  const frame = Buffer.allocUnsafe(5 + message.length);
  frame[0] = isCompressed ? 1 : 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}

/** What is in a frame; undefined where there is none. A server compresses its answer where the request was. */
export async function messageIn(frame: Buffer): Promise<Buffer | undefined> {
  const message = frame.subarray(5);
  if (frame[0] === 0 && frame.length >= 5) return message;
  if (frame[0] !== 1) return undefined;
  return decompress(message, { maxOutputLength: mostOfAnswer }).catch(() => undefined);
}
