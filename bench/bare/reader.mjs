// What reading a list takes of Node at least: see README.md.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const lists = ['analytics-tyk-system-analytics', 'analytics-tyk-system-analytics_protobuf'];
/** Asked for with one command, as by ours. */
const bytesAtOnce = 2 * 1024 * 1024;
/** Asked for, and not yet there. */
const commands = 2;

/** All answers go here: nobody wants them. */
const region = Buffer.allocUnsafeSlow(8 * bytesAtOnce);
/** What has come ends here, and is understood up to there. */
let [end, at] = [0, 0];
/** Of the list that comes: its elements, how many are still to come, and where the one under way ends, or 0. */
let [count, left, elementEnd] = [0, 0, 0];
/** Who waits for answers, in their order. */
const asked = [];

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { host, port } = config.analytics_storage_config;
const socket = net.connect({
  ...{ host, port },
  onread: {
    buffer: () => region.subarray(end),
    callback(size) {
      end += size;
      understand();
      return true;
    },
  },
});
socket.setNoDelay(true);
socket.once('close', () => process.exit(isStopping ? 0 : 1));

let isStopping = false;
process.once('SIGTERM', () => {
  isStopping = true;
});

while (!isStopping) {
  for (const list of lists) await drain(list);
  await sleep(100);
}
socket.destroy();

async function drain(list) {
  const own = `{${list}}:bare`;
  if ((await ask('RENAME', list, own)) === undefined) return;
  const length = await ask('LLEN', own);
  const bytes = await ask('MEMORY', 'USAGE', own, 'SAMPLES', '8');
  const together = Math.max(1, Math.floor((bytesAtOnce * length) / bytes));
  let next = 0;
  const read = async () => {
    while (next < length) {
      const first = next;
      const size = Math.min(together, length - first);
      next += size;
      const came = await ask('LRANGE', own, String(first), String(first + size - 1));
      if (came !== size) throw new Error(`${came} elements in place of ${size}`);
    }
  };
  await Promise.all(Array.from({ length: commands }, read));
  await ask('UNLINK', own);
}

/** Gives a number, or how many elements a list has; undefined for an error. */
function ask(...words) {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  socket.write(`*${words.length}\r\n${parts.join('')}`);
  return new Promise((resolve) => asked.push(resolve));
}

function understand() {
  while (at < end && (left === 0 ? answer() : element()));
  // Of an element under way only what has come is moved.
  if (at < end && end <= region.length - bytesAtOnce) return;
  region.copyWithin(0, at, end);
  if (elementEnd > 0) elementEnd -= at;
  end -= at;
  at = 0;
}

/** False: it is not whole yet. */
function answer() {
  const kind = region[at];
  const value = number();
  if (value === undefined) return false;
  if (kind === 0x2a && value > 0) [count, left] = [value, value];
  else asked.shift()(kind === 0x2d ? undefined : value);
  return true;
}

function element() {
  if (elementEnd === 0) {
    const size = number();
    if (size === undefined) return false;
    elementEnd = at + size + 2;
  }
  if (elementEnd > end) return false;
  at = elementEnd;
  elementEnd = 0;
  left--;
  if (left === 0) asked.shift()(count);
  return true;
}

/** What stands on this line behind its first byte, which is then stepped over; undefined until it has come. */
function number() {
  let value = 0;
  for (let place = at + 1; place + 1 < end; place++) {
    if (region[place] === 0x0d) {
      at = place + 2;
      return value;
    }
    value = value * 10 + region[place] - 0x30;
  }
  return undefined;
}
