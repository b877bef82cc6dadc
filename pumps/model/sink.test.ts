import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PageHandler } from '#pump';
import { aBatch, aContext, aPreparedPump, outcomesOf } from '#pump/testing';
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
