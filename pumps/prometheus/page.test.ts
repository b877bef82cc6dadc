import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPage, formatFor } from './page.ts';
import { FakeAdmin, scrape } from './testing.ts';

describe('the format', () => {
  it.each([
    ['', 'text'],
    ['*/*', 'text'],
    ['text/plain;version=0.0.4', 'text'],
    ['application/openmetrics-text', 'openmetrics'],
    [
      'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2',
      'openmetrics',
    ],
    ['application/openmetrics-text;version=0.0.1;q=0.5, text/plain;q=0.9', 'text'],
    ['application/openmetrics-text;version=2.0.0', 'text'],
    ['application/openmetrics-text;q=0', 'text'],
    ['application/openmetrics-text;q=nonsense', 'text'],
  ])('for "%s" is %s', (accept, format) => {
    expect(formatFor(accept)).toBe(format);
  });
});

describe('the page', () => {
  const admin = new FakeAdmin();
  beforeAll(async () => {
    await admin.listen();
    admin.mount(
      '/metrics',
      createPage((format) => [format, ' ', 'page\n']),
    );
    admin.mount(
      '/broken',
      createPage(function* () {
        yield 'half';
        throw new Error('a bug');
      }),
    );
  });
  afterAll(() => admin.close());

  it('says which format it has', async () => {
    const { headers, body } = await scrape(admin.port, '/metrics', {
      accept: 'application/openmetrics-text',
    });

    expect(headers['content-type']).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    expect(body).toBe('openmetrics page\n');
  });

  it('is compressed for those who take it', async () => {
    const response = await fetch(`http://127.0.0.1:${admin.port}/metrics`, {
      headers: { 'accept-encoding': 'gzip', connection: 'close' },
    });

    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.text()).toBe('text page\n');
  });

  it('is not for those who refuse', async () => {
    const { headers } = await scrape(admin.port, '/metrics', { 'accept-encoding': 'gzip;q=0' });

    expect(headers['content-encoding']).toBeUndefined();
  });

  it('breaks off rather than end early', async () => {
    await expect(scrape(admin.port, '/broken')).rejects.toThrow();
  });
});
