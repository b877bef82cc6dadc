import * as vitest from 'vitest';
import { describe } from 'vitest';
import {
  aPreparedPump,
  FakeHttpServer,
  type Reply,
  type SinkHarness,
  sinkContract,
} from '#pump/testing';
import influx from './index.ts';

describe.each(['record', 'write'])('with the time of: %s', (timestamp) => {
  sinkContract(vitest, 'influx', () => aServerHarness(timestamp));
});

const credentials = `Basic ${Buffer.from('contract:contract-password').toString('base64')}`;

async function aServerHarness(timestamp: string): Promise<SinkHarness> {
  const points = new Map<string, string>();
  const server = await FakeHttpServer.start(({ path, query, headers, body }): Reply => {
    if (headers['authorization'] !== credentials) return refusal(401, 'authorization failed');
    if (path !== '/write' || query.get('db') !== 'calls') return refusal(404, 'database not found');
    const lines = body.toString('utf8').split('\n').slice(0, -1);
    const bad = lines.filter((line) => line.includes('api_id=poison'));
    for (const line of lines) if (!bad.includes(line)) points.set(keyOf(line), line);
    if (bad.length === 0) return { status: 204 };
    const reasons = bad.map((line) => `unable to parse '${line}': no poison`).join('\n');
    return refusal(400, `partial write: ${reasons} dropped=0`);
  });
  return {
    pump: aPreparedPump(influx, {
      ...{ address: server.url, database_name: 'calls', timestamp },
      ...{ username: 'contract', password: 'contract-password' },
      ...{ fields: ['path'], tags: ['api_id'] },
    }),
    secrets: ['contract-password', credentials.slice(6)],
    poison: { api_id: 'poison' },
    received: () => Promise.resolve([...points.values()]),
    break: () => server.close(),
    restore: () => server.listen(),
    stall: () => server.stall(),
    stop: () => server.close(),
  };
}

const refusal = (status: number, error: string): Reply => ({ status, body: { error } });

/** Its tags and its time: what a point is known by. */
const keyOf = (line: string): string =>
  `${line.slice(0, line.indexOf(' '))} ${line.slice(line.lastIndexOf(' '))}`;
