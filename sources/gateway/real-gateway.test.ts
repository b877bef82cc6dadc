/**
 * The calls that a real Tyk Gateway 5.3 recorded (test/fixtures/gateway.ts), asked of ours again: of each, our record has what its
 * record has.
 */
import { expect, it } from 'vitest';
import { anExchange } from '../../src/capture/exchange.testing.ts';
import { recordFieldsOf } from '../../src/capture/mapping/record-fields.ts';
import { decoders } from '../../src/record/decoders.ts';
import type { AnalyticsRecord } from '../../src/record/record.ts';
import { decodeRecord, encodeRecord } from '../../src/record/testing.ts';
import { gatewayElements } from '../../test/fixtures/gateway.ts';
import type { Decision } from '../shared/relay/decision.ts';
import { decider } from './decide/testing.ts';

/** As they were deployed there. */
const upstream = 'http://127.0.0.1:18081/';
const api = (id: string, name: string, fields: object, target = upstream) => ({
  ...{ api_id: id, name },
  version_data: { not_versioned: true, versions: { Default: { name: 'Default' } } },
  proxy: { listen_path: `/${id}/`, target_url: target, strip_listen_path: true },
  ...fields,
});
const tracked = { path: '/anything/users/{id}', method: 'GET' };
const apis = [
  api('httpbin', 'httpbin', { use_keyless: true }),
  api('dead1', 'dead upstream', { use_keyless: true, org_id: 'default' }, 'http://127.0.0.1:1/'),
  api('tok1', 'token api', { org_id: 'default', use_standard_auth: true }),
  api('httpbin-jwt', 'httpbin-jwt', {
    ...{ enable_jwt: true, jwt_signing_method: 'hmac', jwt_source: 'Zm9v' },
    ...{ jwt_identity_base_field: 'sub', jwt_default_policies: ['5e189590801287e42a6cf5ce'] },
  }),
  api('ver1', 'Versioned café', {
    ...{ use_keyless: true, org_id: 'org-ü', tags: ['edge', 'eu'] },
    tag_headers: ['X-Request-Id', 'X-Order'],
    definition: { location: 'header', key: 'X-Api-Version' },
    version_data: {
      not_versioned: false,
      versions: {
        v1: {
          name: 'v1',
          use_extended_paths: true,
          extended_paths: { track_endpoints: [tracked] },
        },
        v2: { name: 'v2' },
      },
    },
  }),
];

/** What that gateway made of paths, by its setting `normalise_urls`: ours is the pump's. */
const normalised = (path: string): string =>
  path
    .replace(/[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}/gi, '{uuid}')
    .replace(/\/\d+/g, '/{id}');

const seen = (record: AnalyticsRecord) => ({
  method: record.text('method'),
  host: record.text('host'),
  path: normalised(record.text('path')),
  raw_path: record.text('raw_path'),
  content_length: record.integer('content_length'),
  user_agent: Buffer.from(record.utf8('user_agent')).toString('latin1'),
  response_code: record.integer('response_code'),
  api_key: record.text('api_key'),
  api_version: record.text('api_version'),
  api_name: record.text('api_name'),
  api_id: record.text('api_id'),
  org_id: record.text('org_id'),
  oauth_id: record.text('oauth_id'),
  ip_address: record.text('ip_address'),
  alias: record.text('alias'),
  track_path: record.flag('track_path'),
  // Those of headers come in no order there: Go's maps have none.
  tags: [...(record.list('tags') ?? [])].sort(),
});

/** The request that a record holds, as its client sent it: with the listen path. */
function requestOf(record: AnalyticsRecord) {
  const bytes = Buffer.from(record.text('raw_request'), 'base64');
  const end = bytes.indexOf('\r\n\r\n');
  const [start = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const [method = '', target = ''] = start.split(' ');
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  // Go wrote its own name where the client had none; the record's own field says so.
  const isNameless = record.utf8('user_agent').length === 0;
  const sent = headers.filter((_, at) => {
    const name = headers[at - (at % 2)]?.toLowerCase();
    return name !== 'host' && !(isNameless && name === 'user-agent');
  });
  return {
    method,
    target: `/${record.text('api_id')}${target}`,
    headers: sent,
    body: bytes.subarray(end + 4),
  };
}

const statusOf = (decision: Decision, record: AnalyticsRecord): number => {
  if (decision.kind === 'answer') return decision.status;
  // What an upstream answered is not ours to make; what is said in its place is.
  return record.text('api_id') === 'dead1'
    ? (decision.answerFailure?.({ kind: 'refused', words: '' }).status ?? 0)
    : Number(record.integer('response_code'));
};

it('has the same fields as the records of a real gateway', async () => {
  const ask = decider({ apis, redis: { call: () => Promise.resolve(null) } });
  const [decoder] = decoders;
  const chunk = decoder?.decode(gatewayElements('msgpack'));
  let compared = 0;
  for (let index = 0; ; index++) {
    const theirs = index < 558 ? chunk?.record(index) : undefined;
    if (theirs === undefined) break;
    const { method, target, headers, body } = requestOf(theirs);
    const decision = await ask(target, {
      method,
      headers,
      host: '127.0.0.1:18090',
      address: '127.0.0.1',
    });
    const exchange = anExchange({
      client: { address: '127.0.0.1', port: 5 },
      call: decision.call,
      request: {
        ...{ method, target, rawHeaders: headers },
        body: { bytes: body, length: Number(theirs.integer('content_length')) },
      },
      response: { status: statusOf(decision, theirs) },
    });
    const fields = recordFieldsOf(exchange, { isDetailed: false, tags: false, orgId: '' });
    expect(seen(decodeRecord(encodeRecord(fields))), `record ${index}`).toEqual(seen(theirs));
    compared++;
  }
  expect(compared).toBe(558);
});
