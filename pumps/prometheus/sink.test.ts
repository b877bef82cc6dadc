import { describe, expect, it } from 'vitest';
import { aBatch, aContext, aPreparedPump, failureOf } from '#pump/testing';
import prometheus from './index.ts';
import { FakeAdmin, scrape } from './testing.ts';

const { signal } = new AbortController();

async function opened(meta: object, context = aContext()) {
  const sink = await aPreparedPump(prometheus, { listen_address: '127.0.0.1:0', ...meta }).open(
    context,
    signal,
  );
  const port = Number(context.lines.find(({ fields }) => 'port' in fields)?.fields['port']);
  return { sink, port, context };
}

describe('the page of a sink', () => {
  it('is at its path, and nowhere else', async () => {
    const { sink, port } = await opened({ path: 'tyk/metrics' });
    await sink.deliver(aBatch(3, { api_id: 'a', response_code: 200 }), signal);

    const page = await scrape(port, '/tyk/metrics?x=1');
    const other = await scrape(port, '/metrics');
    await sink.close(signal);

    expect(page.body).toContain('tyk_http_status{code="200",api="a"} 3\n');
    expect(page.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(other.status).toBe(404);
  });

  it('is mounted on the admin server, if so asked', async () => {
    const admin = new FakeAdmin();
    await admin.listen();
    const { sink } = await opened(
      { serve_on: 'admin', path: '/tyk', listen_address: '' },
      aContext({ mount: admin.mount }),
    );

    const whileOpen = await scrape(admin.port, '/tyk');
    await sink.close(signal);
    const afterwards = await scrape(admin.port, '/tyk');
    await admin.close();

    expect([whileOpen.status, afterwards.status]).toEqual([200, 404]);
  });

  it('says clearly that its address is taken', async () => {
    const { sink, port } = await opened({});

    const second = opened({ listen_address: `127.0.0.1:${port}` });

    await expect(second).rejects.toThrow(
      `listen_address 127.0.0.1:${port} is in use: by another prometheus pump`,
    );
    await sink.close(signal);
  });

  it('is not opened once that was given up', async () => {
    const opening = aPreparedPump(prometheus, { listen_address: ':0' }).open(
      aContext(),
      AbortSignal.abort(),
    );

    await expect(opening).rejects.toThrow('cannot be served');
  });
});

it('counts nothing after an abort', async () => {
  const { sink, port } = await opened({});

  const { verdicts } = await sink.deliver(aBatch(1), AbortSignal.abort());
  const { body } = await scrape(port);
  await sink.close(signal);

  expect(failureOf(verdicts[0]).kind).toBe('timeout');
  expect(body).not.toContain('# TYPE tyk_');
});

it('warns once when a metric is full', async () => {
  const { sink, context } = await opened({
    max_series: 1,
    disabled_metrics: ['tyk_http_status_per_path', 'tyk_http_status_per_key', 'tyk_latency'],
  });
  const batch = aBatch(3, (at) => ({ api_id: `api-${at}`, oauth_id: '' }));

  await sink.deliver(batch, signal);
  await sink.deliver(batch, signal);
  await sink.close(signal);

  expect(context.lines.filter(({ level }) => level === 'warn')).toMatchObject([
    { fields: { metric: 'tyk_http_status' } },
  ]);
});
