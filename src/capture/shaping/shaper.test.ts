import { describe, expect, it } from 'vitest';
import { parseSet } from '../../config/options/parse-set.ts';
import { noRules, type RecordRules, recordRulesOf } from '../../config/record-rules.ts';
import { noRecordsOptions, recordsOptions } from '../../config/records-options.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { silentLog } from '../../lib/log.ts';
import { CountingMetrics } from '../../lib/metrics.testing.ts';
import { decoders } from '../../record/decoders.ts';
import { anExchange, bodyOf, type ExchangeOverrides } from '../exchange.testing.ts';
import { recordFieldsOf } from '../mapping/record-fields.ts';
import { captureMetrics } from '../metrics.ts';
import { type Encoding, openShaper } from './shaper.ts';

/** Rules as an operator writes them. */
function rulesOf(raw: object): RecordRules {
  const { value } = parseSet(recordsOptions, {
    ...{ raw, source: '', at: '', env: {}, layers: [], unresolved: new Map(), allowed: [] },
  });
  if (value === undefined) throw new Error('the rules can be read');
  const said = { options: value, at: (key: string) => ({ source: '', key }) };
  return recordRulesOf(said, { options: noRecordsOptions, at: said.at });
}

async function bench(rules: RecordRules, encoding: Encoding = 'msgpack') {
  const metrics = new CountingMetrics();
  const clock = new FakeClock();
  const parts = { encoding, rules, life: 'life', clock, log: silentLog };
  const shape = await openShaper({ ...parts, metrics: captureMetrics(metrics) });
  const shaped = (overrides: ExchangeOverrides = {}) =>
    shape(recordFieldsOf(anExchange(overrides), { isDetailed: true, tags: true, orgId: '' }));
  const decoder = decoders.find(({ name }) => name === encoding);
  const read = (bytes: Buffer | undefined) => bytes && decoder?.decode([bytes]).record(0);
  return { metrics, shaped, read };
}

const secret = 'hunter2hunter2hunter2';
const leaky: ExchangeOverrides = {
  request: {
    target: `/login?access_token=${secret}`,
    rawHeaders: ['Host', 'x', 'AUTHORIZATION', `Bearer ${secret}`, 'Cookie', `sid=${secret}`],
    body: bodyOf(JSON.stringify({ password: secret, user: 'ann' })),
  },
  response: {
    rawHeaders: ['Set-Cookie', `sid=${secret}`, 'Content-Type', 'application/json'],
    body: bodyOf(JSON.stringify({ token: secret })),
  },
};

describe('before anything is stored', () => {
  it.each(['msgpack', 'protobuf'] as const)('secrets are taken out (%s)', async (encoding) => {
    const { shaped, read, metrics } = await bench(rulesOf({ redact: ['secrets'] }), encoding);

    const bytes = shaped(leaky);

    const record = read(bytes);
    const texts = [bytes?.toString('latin1') ?? ''];
    for (const field of ['raw_request', 'raw_response'] as const)
      texts.push(Buffer.from(record?.text(field) ?? '', 'base64').toString());
    expect(texts.join('\n')).not.toContain(secret);
    expect(texts[1]).toMatch(/^POST \/login\?access_token=\[redacted\] HTTP\/1\.1\r\n/);
    expect(texts[1]).toContain('"user":"ann"');
    expect(record?.integer('response_code')).toBe(201);
    expect(metrics.of('sluice_capture_redacted_values_total')).toBeGreaterThanOrEqual(5);
  });

  it('of a body that was cut nothing leaves that cannot be looked through', async () => {
    const { shaped, read } = await bench(rulesOf({ redact: ['secrets'] }));
    const whole = JSON.stringify({ user: 'ann', password: secret });

    const record = read(shaped({ request: { body: bodyOf(whole.slice(0, -8), whole.length) } }));

    const request = Buffer.from(record?.text('raw_request') ?? '', 'base64').toString();
    expect(request).not.toContain(secret.slice(0, 10));
    expect(record?.list('tags')).toContain('cap-truncated');
  });

  it('a payload that cannot be unpacked is redacted as a whole, and counted', async () => {
    const { shaped, read, metrics } = await bench(rulesOf({ redact: ['secrets'] }));
    const rawHeaders = ['Host', 'x', 'Content-Encoding', 'gzip'];
    const body = { bytes: Buffer.from(`no gzip ${secret}`), length: 30 };

    const record = read(shaped({ request: { rawHeaders, body } }));

    const request = Buffer.from(record?.text('raw_request') ?? '', 'base64').toString();
    expect(request).not.toContain(secret);
    expect([...metrics.totals.keys()].join()).toContain('sluice_capture_redacted_payloads_total');
  });

  it('records that nobody wants are left out, and counted', async () => {
    const { shaped, metrics } = await bench(rulesOf({ filter: '-path:/health' }));

    expect(shaped({ request: { target: '/health' } })).toBeUndefined();
    expect(shaped()).toBeDefined();
    expect(metrics.of('sluice_capture_records_total', 'filtered')).toBe(1);
  });

  it('a sample keeps its share and all errors, and says for how many each stands', async () => {
    const { shaped, read, metrics } = await bench(rulesOf({ sample: { rate: 0.25 } }));

    const kept = Array.from({ length: 4000 }, () => shaped()).filter((each) => each !== undefined);

    expect(kept.length).toBeGreaterThan(800);
    expect(kept.length).toBeLessThan(1200);
    expect(metrics.of('sluice_capture_records_total', 'sampled')).toBe(4000 - kept.length);
    expect(read(kept[0])?.float('sample_weight')).toBe(4);
    for (let at = 0; at < 100; at++) expect(shaped({ response: { status: 500 } })).toBeDefined();
  });

  it('without rules bytes are those of the encoder', async () => {
    const { shaped, read } = await bench(noRules);

    expect(read(shaped(leaky))?.text('path')).toBe('/login');
  });
});
