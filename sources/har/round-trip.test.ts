/** What the pump `har` writes of records, this source reads as the same calls. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordFieldsOf } from '../../src/capture/mapping/record-fields.ts';
import { harEntry } from '../../src/record/har/entry.ts';
import { aRecord } from '../../src/record/testing.ts';
import { exchangeOf } from './read/entry.ts';

const rules = { bodyLimit: 10_000, direction: 'in', call: {} } as const;

it('brings back what a record said', () => {
  const bytes = fc.uint8Array({ maxLength: 50 }).map((all) => Buffer.from(all));
  const name = fc.stringMatching(/^X-[a-z]{1,8}$/);
  const value = fc.stringMatching(/^[!-~]{1,20}$/);
  const headers = fc.array(fc.tuple(name, value), { maxLength: 4 }).map((all) => all.flat());
  fc.assert(
    fc.property(
      headers,
      bytes,
      bytes,
      fc.integer({ min: 100, max: 599 }),
      (raw, sent, got, status) => {
        const body = (all: Buffer) => ({ bytes: all, length: all.length });
        const message = { httpVersion: '1.1', rawHeaders: ['Host', 'shop.example', ...raw] };
        const record = aRecord(
          recordFieldsOf(
            {
              ...{ source: 'gateway', direction: 'in', startedAt: 1_796_119_200_123 },
              latency: { total: 12, upstream: 10 },
              client: { address: '10.0.0.7', port: 1 },
              server: { address: '10.0.0.9', port: 80 },
              ...{ scheme: 'http', tls: undefined, isOpaque: false, bytesIn: 0, bytesOut: 0 },
              request: {
                ...message,
                method: 'PUT',
                target: '/a?b=c',
                host: 'shop.example',
                body: body(sent),
              },
              response: { ...message, status, reason: 'Odd', body: body(got) },
              ...{ error: undefined, call: {} },
            },
            { isDetailed: true, tags: true, orgId: '' },
          ),
        );

        const back = exchangeOf(JSON.parse(harEntry(record)), rules);

        expect(back).toMatchObject({
          ...{ startedAt: 1_796_119_200_123, latency: { total: 12, upstream: 10 }, scheme: 'http' },
          server: { address: '10.0.0.9' },
          request: {
            ...message,
            method: 'PUT',
            target: '/a?b=c',
            host: 'shop.example',
            body: body(sent),
          },
          response: { ...message, status, reason: 'Odd', body: body(got) },
        });
      },
    ),
  );
});
