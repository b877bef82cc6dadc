import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PageHandler } from '#pump';
import { aBatch, aContext, aPreparedPump, outcomesOf } from '#pump/testing';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import model from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-model-'));
});
afterEach(() => rm(folder, { recursive: true }));

const { signal } = new AbortController();
const fileOf = (): string => join(folder, 'model.json');
const open = (meta: object = {}, context = aContext()) =>
  aPreparedPump(model, { path: fileOf(), ...meta }).open(context, signal);
const read = async (): Promise<{ readonly calls: number }> =>
  JSON.parse(await readFile(fileOf(), 'utf8')) as { readonly calls: number };

const payload = (text: string): string => Buffer.from(text).toString('base64');
const detailed = {
  host: 'api.example.com',
  method: 'GET',
  path: '/pets/7',
  raw_path: '/pets/7',
  response_code: 200,
  raw_request: payload('GET /pets/7?limit=3 HTTP/1.1\r\nHost: api.example.com\r\n\r\n'),
  raw_response: payload(
    'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"id":7,"name":"Rex"}',
  ),
};

it('has written what it answered for, so that a process that is killed loses nothing', async () => {
  const sink = await open();
  const delivery = await sink.deliver(
    aBatch(7, () => detailed),
    signal,
  );

  // Nothing is closed: as after kill -9.
  expect(outcomesOf(delivery.verdicts)).toEqual(Array(7).fill('delivered'));
  expect(await read()).toMatchObject({ calls: 7 });
  const again = await open();
  await again.deliver(
    aBatch(3, () => detailed),
    signal,
  );
  expect(await read()).toMatchObject({ calls: 10 });
});

it('learns no record twice that comes again because the file could not be written', async () => {
  const sink = await open();
  const batch = aBatch(5, () => detailed);
  await rm(folder, { recursive: true });
  await writeFile(folder, '');
  const failed = await sink.deliver(batch, signal);
  await rm(folder);
  const second = await sink.deliver(batch, signal);

  expect(outcomesOf(failed.verdicts)).toEqual(Array(5).fill('retry'));
  expect(outcomesOf(second.verdicts)).toEqual(Array(5).fill('delivered'));
  expect(await read()).toMatchObject({ calls: 5 });
});

it('leaves a file alone that is no model', async () => {
  await writeFile(fileOf(), '{"sluiceModel":1,"hosts":"none"}');

  await expect(open()).rejects.toThrow(/is not a model: \.hosts is string, expected a list/);
  expect(await readFile(fileOf(), 'utf8')).toBe('{"sluiceModel":1,"hosts":"none"}');
});

it('shows the model on a page, as a description too, and what is not as the baseline says', async () => {
  const first = await open();
  await first.deliver(
    aBatch(20, () => detailed),
    signal,
  );
  await first.close(signal);
  const baseline = join(folder, 'baseline.json');
  await writeFile(baseline, await readFile(fileOf()));
  const pages = new Map<string, PageHandler>();
  const context = {
    ...aContext(),
    mount(path: string, handler: PageHandler) {
      pages.set(path, handler);
      return () => pages.delete(path);
    },
  };
  const sink = await open({ baseline, page: '/api/model' }, context);
  await sink.deliver(
    aBatch(2, () => ({ ...detailed, method: 'DELETE' })),
    signal,
  );
  const ask = (query: string): string => bodyOf(pages.get('/api/model'), `/api/model${query}`);

  expect(ask('')).toContain('"path": "/pets/{petId}"');
  expect(ask('?as=openapi')).toContain('"openapi": "3.1.0"');
  expect(ask('?as=violations')).toMatch(/"what": "unknown method",\s+"count": 2/);
  expect(ask('?as=other')).toContain('expected openapi or violations');
  await sink.close(signal);
  expect(pages.size).toBe(0);
});

/** What a page answers, which it does at once. */
function bodyOf(page: PageHandler | undefined, url: string): string {
  let body = '';
  const response = {
    statusCode: 200,
    setHeader: () => response,
    end(text: string) {
      body = text;
    },
  };
  page?.(
    { url } as Partial<IncomingMessage> as IncomingMessage,
    response as unknown as ServerResponse,
  );
  return body;
}

describe('a file that two processes keep', () => {
  it('has what both have answered for, whoever wrote last', async () => {
    const [one, other] = [await open(), await open()];
    const deliver = async (sink: typeof one, count: number) =>
      outcomesOf(
        (
          await sink.deliver(
            aBatch(count, () => detailed),
            signal,
          )
        ).verdicts,
      );

    expect(await deliver(one, 3)).toEqual(Array(3).fill('delivered'));
    expect(await deliver(other, 4)).toEqual(Array(4).fill('delivered'));
    expect(await deliver(one, 5)).toEqual(Array(5).fill('delivered'));

    expect(await read()).toMatchObject({ calls: 12 });
  });

  it('is written by both at the same time without a loss', async () => {
    const sinks = await Promise.all([open(), open(), open()]);
    let answered = 0;
    await Promise.all(
      sinks.map(async (sink, at) => {
        for (let round = 0; round < 5; round++) {
          const batch = aBatch(2, () => ({ ...detailed, path: `/pets/${String(at)}` }));
          for (;;) {
            const { verdicts } = await sink.deliver(batch, signal);
            if (outcomesOf(verdicts).every((outcome) => outcome === 'delivered')) break;
          }
          answered += 2;
        }
      }),
    );

    expect(answered).toBe(30);
    expect(await read()).toMatchObject({ calls: 30 });
    expect(await readdir(folder)).toEqual(['model.json']);
  });

  it('is not learned on where another has made something else of it', async () => {
    const sink = await open();
    await writeFile(fileOf(), '[]');

    const delivery = await sink.deliver(
      aBatch(1, () => detailed),
      signal,
    );

    expect(delivery.verdicts[0]).toMatchObject({
      outcome: 'retry',
      failure: { message: 'the file is no model any more: the file is list, expected an object' },
    });
    expect(await readFile(fileOf(), 'utf8')).toBe('[]');
  });

  it('is written again after one was killed while it had the lock', async () => {
    const sink = await open();
    const [lock, part] = [join(folder, '.model.json.lock'), join(folder, '.model.json.7.part')];
    const batch = aBatch(2, () => detailed);
    await Promise.all([lock, part].map((file) => writeFile(file, '')));

    expect(outcomesOf((await sink.deliver(batch, signal)).verdicts)).toEqual(['retry', 'retry']);
    const longAgo = new Date(Date.now() - 60_000);
    await Promise.all([lock, part].map((file) => utimes(file, longAgo, longAgo)));

    expect(outcomesOf((await sink.deliver(batch, signal)).verdicts)).toEqual([
      'delivered',
      'delivered',
    ]);
    expect(await read()).toMatchObject({ calls: 2 });
    expect(await readdir(folder)).toEqual(['model.json']);
  });
});

it('shows in its metrics what there is, what was left out, and what is not as the baseline says', async () => {
  const first = await open();
  await first.deliver(
    aBatch(20, () => detailed),
    signal,
  );
  await first.close(signal);
  const baseline = join(folder, 'baseline.json');
  await writeFile(baseline, await readFile(fileOf()));
  const metrics = createMetrics({ version: 'x' });
  const context = aContext({ metrics });
  const sink = await open({ baseline, max_hosts: 1 }, context);
  await sink.deliver(
    aBatch(3, (index) => ({
      ...detailed,
      ...(index === 0 ? { host: 'other.example.com' } : { method: 'DELETE' }),
    })),
    signal,
  );

  const page = (await metrics.exposition()).body;

  expect(page).toContain('sluice_model_hosts{route="TEST"} 1');
  expect(page).toContain('sluice_model_operations{route="TEST"} 2');
  expect(page).toContain('sluice_model_lost_total{route="TEST",what="hosts"} 1');
  expect(page).toContain('sluice_model_lost_total{route="TEST",what="paths"} 0');
  expect(page).toContain('sluice_model_violations_total{route="TEST",kind="unknown host"} 1');
  expect(page).toContain('sluice_model_violations_total{route="TEST",kind="unknown method"} 2');
  await sink.close(signal);
});
