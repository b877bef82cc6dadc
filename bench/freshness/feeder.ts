/**
 * A gateway, in a process of its own: pushes each record when it is due by a timetable, together with what else has become
 * due since the last command, as gateways do. Its number says when it was made; the time in it says nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { percentile } from '../measure/statistics.ts';
import { listsOf } from '../records/backlog.ts';
import { benchElement, mark, markDigits } from '../records/record.ts';
import { answerParent } from '../sinks/child.ts';

/** Milliseconds between two commands, and most records of one. */
const [pause, mostAtOnce] = [10, 1_000];
const templates = Array.from({ length: 500 }, (_, index) => benchElement(index, '1KB', 'msgpack'));

let running: Promise<unknown> = Promise.resolve();
let isStopping = false;
/** How late the last record of each command was in Redis, in milliseconds. */
let lateness: number[] = [];

answerParent(0, {
  begin({ port = 0, firstAt = 0, interval = 1 }) {
    isStopping = false;
    lateness = [];
    running = feed(port, firstAt, interval);
    return {};
  },
  async end() {
    isStopping = true;
    const records = await running;
    return { records: Number(records), late: lateness.length === 0 ? 0 : percentile(lateness, 99) };
  },
});

async function feed(port: number, firstAt: number, interval: number): Promise<number> {
  const redis = new Redis({ port, host: '127.0.0.1' });
  const [list = ''] = listsOf('msgpack');
  let next = 0;
  while (!isStopping) {
    const due = Math.floor((Date.now() - firstAt) / interval) + 1;
    if (due > next) {
      const end = Math.min(due, next + mostAtOnce);
      const elements = Array.from({ length: end - next }, (_, at) => elementAt(next + at));
      next = end;
      await redis.rpush(list, ...elements);
      lateness.push(Date.now() - (firstAt + (next - 1) * interval));
      if (end < due) continue;
    }
    await delay(pause);
  }
  redis.disconnect();
  return next;
}

/** One of a few with another number: to encode ten thousand a second would take the time from those who are measured. */
function elementAt(index: number): Buffer {
  const template = templates[index % templates.length];
  if (template === undefined) throw new RangeError('There are no templates.');
  const element = Buffer.from(template);
  element.write(String(index).padStart(markDigits, '0'), element.indexOf(mark) + mark.length);
  return element;
}
