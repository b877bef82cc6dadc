import * as vitest from 'vitest';
import { aPreparedPump, FakeHttpServer, type SinkHarness, sinkContract } from '#pump/testing';
import template from './index.ts';

sinkContract(vitest, 'template', aServerHarness);

async function aServerHarness(): Promise<SinkHarness> {
  const lines: string[] = [];
  const server = await FakeHttpServer.start(({ method, headers, body }) => {
    if (headers['authorization'] !== 'Bearer contract-token') return { status: 401 };
    if (method === 'GET') return { status: 204 };
    const sent = body.toString('utf8').trimEnd().split('\n');
    // It refuses the whole request for one record, and does not say which.
    if (sent.some((line) => line.includes('"api_id":"poison"'))) return { status: 422 };
    lines.push(...sent);
    return { status: 204 };
  });
  return {
    pump: aPreparedPump(template, { url: server.url, token: 'contract-token' }),
    secrets: ['contract-token'],
    poison: { api_id: 'poison' },
    refuses: 'request',
    received: () => Promise.resolve(lines),
    break: () => server.close(),
    restore: () => server.listen(),
    stall: () => server.stall(),
    stop: () => server.close(),
  };
}
