// Loaded into the pump before its own code, makes it slow on purpose, to see that the guard can fail:
//   npm run bench:guard -- --slowed
// Each chunk of data that comes in costs time in proportion to its length, so that the loss is one per record.
import { Socket } from 'node:net';

/** Milliseconds of work for each KiB that comes in. */
const millisPerKibibyte = 0.02;

const { push } = Socket.prototype;
Socket.prototype.push = function (chunk, ...rest) {
  const end = performance.now() + ((chunk?.length ?? 0) / 1024) * millisPerKibibyte;
  while (performance.now() < end);
  return push.call(this, chunk, ...rest);
};
