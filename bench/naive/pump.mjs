// The baseline of the bench: see README.md.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { loadDecoders } from './decode.mjs';
import { openSinks } from './sinks.mjs';

const batchSize = 1_000;

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { host, port } = config.analytics_storage_config;
const redis = new Redis({ host, port });
const sinks = await openSinks(config.pumps);
const decoders = await loadDecoders(redis);

let isStopping = false;
process.once('SIGTERM', () => {
  isStopping = true;
});

while (!isStopping) {
  let isEmpty = true;
  for (const { key, decode } of decoders) {
    const elements = await redis.lpopBuffer(key, batchSize);
    if (elements === null) continue;
    isEmpty = false;
    const records = elements.map(decode);
    const results = await Promise.allSettled(sinks.map((sink) => sink.write(records)));
    for (const { reason } of results) if (reason !== undefined) console.error(reason);
  }
  if (isEmpty) await sleep(1_000);
}
await Promise.all(sinks.map((sink) => sink.close()));
redis.disconnect();
