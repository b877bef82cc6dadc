import * as vitest from 'vitest';
import { describe } from 'vitest';
import {
  aPreparedPump,
  FakeHttpServer,
  type Reply,
  type SinkHarness,
  sinkContract,
} from '#pump/testing';
import { influx2Api, refusal } from './api.testing.ts';
import influx2 from './index.ts';

describe.each([
  ['record', false],
  ['write', true],
])('with the time of: %s, and create_missing_bucket %s', (timestamp, create_missing_bucket) => {
  sinkContract(vitest, 'influx2', () => aServerHarness({ timestamp, create_missing_bucket }));
});

async function aServerHarness(meta: object): Promise<SinkHarness> {
  const points = new Set<string>();
  const server = await FakeHttpServer.start(
    influx2Api({
      token: 'contract-token',
      organization: 'acme & sons',
      buckets: new Map([['calls', {}]]),
      store: (_, body) => store(body, points),
    }),
  );
  return {
    pump: aPreparedPump(influx2, {
      ...{ address: server.url, token: 'contract-token', fields: ['path'], tags: ['api_id'] },
      ...{ organization: 'acme & sons', bucket: 'calls', ...meta },
    }),
    secrets: ['contract-token'],
    poison: { api_id: 'poison' },
    received: () => Promise.resolve([...points]),
    break: () => server.close(),
    restore: () => server.listen(),
    stall: () => server.stall(),
    stop: () => server.close(),
  };
}

/** What it may be asked to store here. */
const form = /^analytics,api_id=[\w-]+ path="[^"]*" \d{19}$/;

function store(body: Buffer, points: Set<string>): Reply {
  const lines = body.toString('utf8').split('\n').slice(0, -1);
  const malformed = lines.find((line) => !form.test(line));
  if (malformed !== undefined) return refusal(400, 'invalid', `unable to parse '${malformed}': no`);
  const good = lines.filter((line) => !line.includes('api_id=poison'));
  // The whole line is its key: a real server would overwrite where two records have one point, which chance can bring about
  // (point-time.ts, and its tests); a batch that is sent again is the same lines.
  for (const line of good) points.add(line);
  if (good.length === lines.length) return { status: 204 };
  const reasons = lines
    .filter((line) => !good.includes(line))
    .map((line) => `unable to parse '${line}': no poison`);
  return refusal(422, 'unprocessable entity', `partial write: ${reasons.join('\n')} dropped=0`);
}
