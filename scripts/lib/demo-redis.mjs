import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askRedis, freePort, start, until } from './demo-processes.mjs';

/** Starts a Redis of the demo's own, empty, on the loopback; gives its port. It keeps nothing beyond its end. */
export async function startRedis(server, scratch) {
  const port = await freePort();
  const folder = path.join(scratch, 'redis');
  await mkdir(folder);
  const args = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const logFile = path.join(scratch, 'redis.log');
  const redis = start('Redis', server, [...args, '--appendonly', 'no'].map(String), { logFile });
  await until(redis, async () => (await askRedis(port, 'PING')) === '+PONG', 20_000);
  return port;
}

/** How many lists and segments are left, once memory has been given back: `:0` within the time, or what Redis says then. */
export async function emptied(port, milliseconds = 5_000) {
  const script = "return #redis.call('KEYS', 'analytics-*') + #redis.call('KEYS', '*:seg:*')";
  let left = '';
  for (let tries = 0; tries < milliseconds / 100 && left !== ':0'; tries++) {
    if (tries > 0) await sleep(100);
    left = await askRedis(port, `EVAL "${script}" 0`);
  }
  return left;
}
