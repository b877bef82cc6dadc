/**
 * What keeping calls in the traffic store costs beside writing them as CSV, in one process and one run, and what searching them
 * costs: `npx tsx --conditions=source bench/micro/traffic.ts [RECORDS]`. In CPU time of all threads, for a machine that others
 * use, too.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import csv from '../../pumps/csv/index.ts';
import traffic from '../../pumps/traffic/index.ts';
import type { Batch } from '../../src/pump/batch.ts';
import type { Pump } from '../../src/pump/define-pump.ts';
import { aBatch, aPreparedPump } from '../../src/pump/testing/builders.ts';
import { aContext } from '../../src/pump/testing/context.ts';
import { parseQuery } from '../../src/query/parse.ts';
import { SqliteTraffic } from '../../src/traffic/read/sqlite-reader.ts';
import { callOf } from './records.ts';

const perBatch = 1_000;
const batches = Math.ceil(Number(process.argv[2] ?? 100_000) / perBatch);
const root = mkdtempSync(join(tmpdir(), 'sluice-bench-traffic-'));
const { signal } = new AbortController();

const words = Array.from({ length: 3_000 }, (_, at) =>
  (Math.imul(at + 7, 2_654_435_761) >>> 0).toString(36),
);

/** About 1.2 KB of JSON, in words of which some are frequent and some are rare. */
function body(index: number): string {
  const items: string[] = [];
  for (let at = 0; at < 36; at++)
    items.push(
      `{"name":"${words[(index * 31 + at * at * 7) % 3_000] ?? ''}","n":${String((index * at) % 977)}}`,
    );
  return `{"id":"id-${String(index)}","items":[${items.join(',')}]}`;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const batchAt = (at: number): Batch =>
  aBatch(
    perBatch,
    (index) => ({
      ...callOf(at * perBatch + index),
      raw_request: base64('GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n'),
      raw_response: base64(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${body(at * perBatch + index)}`,
      ),
    }),
    `1700000000000000-${String(at)}`,
  );

interface Bill {
  millis: number;
}

/** Milliseconds of CPU that the work takes, of all threads. */
async function billed<T>(bill: Bill, work: () => Promise<T>): Promise<T> {
  const before = process.cpuUsage();
  const done = await work();
  const { user, system } = process.cpuUsage(before);
  bill.millis += (user + system) / 1_000;
  return done;
}

async function keep(name: string, pump: Pump, meta: object, folder: string): Promise<number> {
  const sink = await aPreparedPump(pump, meta).open(aContext(), signal);
  const bill = { millis: 0 };
  let size = 0;
  for (let at = 0; at < batches; at++) {
    const batch = batchAt(at);
    size += batch.entries.reduce((sum, { record }) => sum + record.size, 0);
    const { verdicts } = await billed(bill, () => sink.deliver(batch, signal));
    if (verdicts.some(({ outcome }) => outcome !== 'delivered')) throw new Error('not delivered');
  }
  await sink.close(signal);
  const records = batches * perBatch;
  const bytes = readdirSync(folder)
    .filter((file) => !/-(?:wal|shm)$/.test(file))
    .reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  const perSecond = (1_000 * records) / bill.millis;
  console.log(
    `${name.padEnd(24)} ${perSecond.toFixed(0).padStart(7)} records/CPU s  ${(bytes / records).toFixed(0).padStart(5)} bytes each, of ${(size / records).toFixed(0)}`,
  );
  return perSecond;
}

const folderOf = (name: string): string => mkdtempSync(join(root, name));
try {
  const rows = folderOf('csv');
  const base = await keep('csv', csv, { csv_dir: rows }, rows);
  const folder = folderOf('traffic');
  const max = { max_bytes: '100GiB' };
  const kept = await keep('traffic', traffic, { folder, ...max }, folder);
  const bare = folderOf('bare');
  const without = await keep(
    'traffic, no trigrams',
    traffic,
    { folder: bare, trigrams: false, ...max },
    bare,
  );
  console.log(
    `beside csv: ${(kept / base).toFixed(2)}, without trigrams ${(without / base).toFixed(2)}\n`,
  );

  const reader = await SqliteTraffic.open(folder);
  for (const text of [
    ...['', 'status:404', 'status:500', 'method:POST path:/v2/orders/* latency>200ms'],
    ...[
      'tag:key-0000* -host:orders*',
      '"id-777"',
      `"${words[1_234] ?? ''}"`,
      'header.x-id:abc',
      'body:zz',
    ],
  ]) {
    const parsed = parseQuery(text);
    if (!parsed.ok) throw new Error(text);
    const { query } = parsed;
    const [page, histogram, groups] = [{ millis: 0 }, { millis: 0 }, { millis: 0 }];
    const { calls, isStopped } = await billed(page, () => reader.page({ query, limit: 50 }));
    const { buckets } = await billed(histogram, () => reader.histogram({ query, buckets: 60 }));
    await billed(groups, () => reader.groups({ query, by: 'host', limit: 50 }));
    const found = buckets.reduce((sum, each) => sum + each.calls, 0);
    console.log(
      `${(text || '(all)').padEnd(46)} page of ${String(calls.length).padStart(2)} ${page.millis.toFixed(0).padStart(5)} ms${isStopped ? ', stopped' : ''}  histogram ${histogram.millis.toFixed(0).padStart(5)} ms  groups ${groups.millis.toFixed(0).padStart(5)} ms  ${String(found)} found`,
    );
  }
  reader.close();
} finally {
  rmSync(root, { recursive: true, force: true });
}
