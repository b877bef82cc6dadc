// One client under load, in a process of its own; prints what it cost, or what it was told.
import { openClient } from './clients.mjs';

const order = JSON.parse(process.argv[2] ?? '{}');
const { mode, records, partitions } = order;
const client = await openClient(order);

await (mode === 'cost' ? measureCost() : sendWhileCut());
await Promise.race([client.close(), new Promise((resolve) => setTimeout(resolve, 3_000))]);
process.exit(0);

/** Batches of 1,000 messages of 1,150 bytes to one partition each, four under way. */
async function measureCost() {
  const line = '{"api_id":"api-1","path":"/pets/42","user_agent":"curl/8.5.0","raw_request":"';
  const noise = [...Array(700)].map(() => Math.floor(Math.random() * 36).toString(36)).join('');
  const values = [...Array(1_000)].map((_, at) =>
    Buffer.from(`${line}${noise}${at}`.padEnd(1_150, 'abcdefgh')),
  );
  let next = 0;
  const lanes = async (until) => {
    const lane = async () => {
      while (next < until) await client.send(next++ % partitions, values);
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
  };
  await lanes(20);
  next = 0;
  const before = process.cpuUsage();
  const begun = performance.now();
  await lanes(records / 1_000);
  const { user, system } = process.cpuUsage(before);
  await print({
    cpuPer100k: (user + system) / 1e6 / (records / 1e5),
    perSecond: Math.round(records / ((performance.now() - begun) / 1_000)),
    peakMb: Math.round(process.resourceUsage().maxRSS / 1_024),
  });
}

/** Flights of 100 messages over all partitions, four at once, until told to stop; what fails goes again. */
async function sendWhileCut() {
  let number = 0;
  let failures = 0;
  let isOver = false;
  process.on('message', () => {
    isOver = true;
  });
  const acknowledged = [];
  const lane = async () => {
    while (!isOver) {
      const byPartition = new Map();
      for (let at = 0; at < 100; at++) {
        const partition = number % partitions;
        const told = byPartition.get(partition) ?? [];
        byPartition.set(partition, told);
        told.push(number++);
      }
      const sending = [...byPartition].map(async ([partition, numbers]) => {
        for (let tries = 0; tries < 200; tries++) {
          try {
            await within(
              client.send(
                partition,
                numbers.map((one) => Buffer.from(String(one))),
              ),
            );
            acknowledged.push(...numbers);
            return;
          } catch {
            failures += 1;
            await new Promise((resolve) => setTimeout(resolve, 20));
            if (isOver && tries > 20) return;
          }
        }
      });
      await Promise.all(sending);
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  await print({ acknowledged, failures });
}

/** A send that never ends counts as failed. */
function within(sending) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), 15_000);
  });
  return Promise.race([sending, late]).finally(() => clearTimeout(timer));
}

/** Resolves once the parent has it: a process that ends takes with it what is not sent yet. */
function print(result) {
  return new Promise((resolve) => process.send?.(result, resolve));
}
