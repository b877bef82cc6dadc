import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { noRules, type RecordRules } from '../config/record-rules.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { Secret } from '../lib/secret.ts';
import { bytes } from '../lib/units.ts';
import type { Edits } from '../record/edit.ts';
import { encodeUptime } from '../record/encode/uptime.ts';
import type { RecordKind } from '../record/record.ts';
import { spanned } from '../record/span.ts';
import { aRecord } from '../record/testing.ts';
import { uptimeDecoder } from '../record/uptime/decoder.ts';
import { uptimeSlots } from '../record/uptime/layout.ts';
import { readUptime } from '../record/uptime/read.ts';
import { Alike } from './alike.ts';
import { mmdb } from './enrich/mmdb.testing.ts';
import { Places } from './enrich/places.ts';
import { openTreatment, type Treatment } from './treatment.ts';

const noEdits: Edits = {
  omitDetailedRecording: false,
  maxRecordSize: 0,
  ignoreFields: [],
  rawRequestDecoded: false,
  rawResponseDecoded: false,
};

const nothingRedacted: NonNullable<RecordRules['redact']> = {
  presets: [],
  headers: [],
  query: [],
  cookies: [],
  json: [],
  forms: [],
  patterns: [],
  fields: [],
  apiKey: 'keep',
  ip: 'keep',
  mode: 'mask',
  hashKey: undefined,
  compressed: 'redact',
  decodedBytes: bytes(1_000_000),
};

interface Opened extends Treatment {
  readonly redacted: number[];
  readonly whole: string[];
}

async function treatment(
  rules: Partial<RecordRules>,
  edits: Partial<Edits> = {},
  records: RecordKind = 'analytics',
): Promise<Opened> {
  const redacted: number[] = [];
  const whole: string[] = [];
  const opened = await openTreatment({
    route: 'TEST',
    records,
    rules: { ...noRules, ...rules },
    edits: { ...noEdits, ...edits },
    places: new Places({ clock: systemClock, log: silentLog }),
    alike: new Alike(),
    news: {
      redacted: (values) => redacted.push(values),
      redactedWhole: (reason) => whole.push(reason),
    },
  });
  return { ...opened, redacted, whole };
}

const redact = (rules: Partial<typeof nothingRedacted>): Partial<RecordRules> => ({
  redact: { ...nothingRedacted, ...rules },
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const plain = (text: string): string => Buffer.from(text, 'base64').toString('latin1');
const request = base64(
  'GET /pets HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer s3cr3t-t0ken\r\n\r\n',
);

describe.each(['msgpack', 'protobuf'] as const)('a treatment of records in %s', (encoding) => {
  const call = (fields = {}) => aRecord(fields, { encoding });

  it('is none where nothing is said', async () => {
    const { selects, weigh, edit, editAgain } = await treatment({});
    expect([selects, weigh, edit, editAgain]).toEqual(Array(4).fill(undefined));
    expect((await treatment(redact({}))).edit).toBeUndefined();
  });

  it('selects by an expression', async () => {
    const { selects } = await treatment({ filter: 'status:5xx -path:/health' });
    const holds = (fields: object) => selects?.(call(fields));
    expect([
      holds({ response_code: 503, path: '/pets' }),
      holds({ response_code: 503, path: '/health' }),
      holds({ response_code: 200, path: '/pets' }),
    ]).toEqual([true, false, false]);
  });

  it('samples by expressions, and tells a record for how many it stands', async () => {
    const sample = {
      rate: 0,
      rules: [{ where: 'path:/pets', rate: 0.5 }],
      keepsErrors: true,
      keepSlower: undefined,
    };
    const { weigh, edit } = await treatment({ sample });
    const weights = Array.from({ length: 100 }, (_, index) => weigh?.(call(), 'segment', index));
    expect(new Set(weights)).toEqual(new Set([0, 2]));
    expect(weigh?.(call({ path: '/other' }), 'segment', 1)).toBe(0);
    expect(edit?.(call(), 2).float('sample_weight')).toBe(2);
    // Of a dead letter it was decided before.
    const sent = edit?.(call(), 2) ?? call();
    expect(edit?.(sent).float('sample_weight')).toBe(2);
  });

  it('redacts, and leaves a record without secrets as it is', async () => {
    const { edit, redacted } = await treatment(redact({ presets: ['secrets'] }));
    const innocent = call({ raw_request: base64('GET / HTTP/1.1\r\nHost: a\r\n\r\n') });
    expect(edit?.(innocent)).toBe(innocent);
    const edited = edit?.(call({ raw_request: request, alias: 's3cr3t-t0ken' }));
    expect(plain(edited?.text('raw_request') ?? '')).not.toContain('s3cr3t');
    expect(edited?.text('alias')).not.toContain('s3cr3t');
    // What a dead letter keeps.
    expect(Buffer.from(edited?.bytes ?? []).toString('latin1')).not.toContain('s3cr3t');
    expect(Buffer.from(edited?.bytes ?? []).toString('latin1')).not.toContain(request);
    expect(redacted).toHaveLength(1);
  });

  it('redacts twice as once', async () => {
    const rules = redact({
      presets: ['secrets'],
      mode: 'hash',
      hashKey: new Secret('k'.repeat(16)),
    });
    const { edit } = await treatment(rules);
    const once = edit?.(call({ raw_request: request, api_key: 's3cr3t-t0ken' })) ?? call();
    expect(Buffer.from(edit?.(once).bytes ?? [])).toEqual(Buffer.from(once.bytes));
  });

  it('redacts before payloads are cut and decoded', async () => {
    const { edit } = await treatment(redact({ presets: ['secrets'] }), {
      rawRequestDecoded: true,
      maxRecordSize: 60,
    });
    const text = edit?.(call({ raw_request: request })).text('raw_request') ?? '';
    expect(text.startsWith('GET /pets HTTP/1.1\r\nHost: a\r\n')).toBe(true);
    expect(text).not.toContain('s3cr3t');
  });

  it('leaves nothing of payloads that the pump does not get', async () => {
    for (const edits of [{ omitDetailedRecording: true }, { ignoreFields: ['raw_request'] }]) {
      const { edit, redacted } = await treatment(redact({ presets: ['email'] }), edits);
      const edited = edit?.(call({ raw_request: request }));
      expect(Buffer.from(edited?.bytes ?? []).toString('latin1')).not.toContain(request);
      expect(redacted).toEqual([]);
    }
  });

  it('says what it could not look through', async () => {
    const { edit, whole } = await treatment(redact({ presets: ['secrets'] }));
    edit?.(call({ raw_request: `${request.slice(0, 40)}=${request.slice(40)}` }));
    expect(whole).toEqual(['base64']);
  });

  it('adds what the operator wants to know', async () => {
    const enrich = {
      geoip: '',
      userAgent: true,
      pathTemplate: true,
      pathTemplates: ['/pets/{pet}'],
    };
    const { edit } = await treatment({ enrich });
    const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
    const edited = edit?.(call({ path: '/pets/7', user_agent: agent }));
    expect(edited?.text('path_template')).toBe('/pets/{pet}');
    expect(edited?.text('client.browser')).toBe('Firefox');
    expect(edited?.text('client.os')).toBe('Linux');
    expect(edited?.text('path')).toBe('/pets/7');
  });

  it('selects and samples by what is added, where an expression asks for it', async () => {
    const countries = path.join(await mkdtemp(path.join(tmpdir(), 'treatment-')), 'it.mmdb');
    await writeFile(countries, mmdb({ '81.2.69.0/24': { country: { iso_code: 'GB' } } }));
    const enrich = {
      ...{ geoip: countries, userAgent: true, pathTemplate: true },
      pathTemplates: ['/pets/{pet}'],
    };
    const sample = {
      ...{ rate: 0, keepsErrors: false, keepSlower: undefined },
      rules: [{ where: 'country:GB -client.browser:firefox', rate: 1 }],
    };
    const filter = 'path_template:"/pets/{pet}" or method:PUT';
    const { selects, weigh, edit } = await treatment({ filter, enrich, sample });
    const fate = (fields: object) => {
      const record = call({ path: '/pets/7', ip_address: '81.2.69.142', ...fields });
      return selects?.(record) === true ? weigh?.(record, 'segment', 0) : 'left out';
    };

    expect(fate({})).toBe(1);
    expect(fate({ user_agent: 'Mozilla/5.0 (rv:128.0) Gecko/20100101 Firefox/128.0' })).toBe(0);
    expect(fate({ ip_address: '10.0.0.1' })).toBe(0);
    expect(fate({ path: '/health' })).toBe('left out');
    expect(fate({ path: '/health', method: 'PUT' })).toBe(1);
    // What is asked so is not added twice.
    expect(edit?.(call({ path: '/pets/7' }), 1).text('path_template')).toBe('/pets/{pet}');
    await rm(path.dirname(countries), { recursive: true });
  });

  it('selects by what the gateway wrote, where an expression asks for nothing else', async () => {
    const enrich = { geoip: '', userAgent: false, pathTemplate: true, pathTemplates: [] };
    const { selects } = await treatment({ enrich, filter: 'path:/pets/7' });

    expect(selects?.(call({ path: '/pets/7' }))).toBe(true);
  });

  it('finds no place where the file is gone, and goes on', async () => {
    const enrich = {
      geoip: '/nowhere.mmdb',
      userAgent: false,
      pathTemplate: false,
      pathTemplates: [],
    };
    expect((await treatment({ enrich })).edit).toBeUndefined();
  });
});

describe('a treatment of uptime records', () => {
  const uptime = (rules: Partial<typeof nothingRedacted>) =>
    treatment(redact(rules), noEdits, 'uptime');
  const found = {
    ...{ id: Buffer.from('65ee31c8', 'hex'), request_time: 31, response_code: 503, minute: 15 },
    ...{ tcp_error: true, server_error: true, day: 10, month: 3, year: 2024, hour: 22 },
    ...{ timestamp: { seconds: 1_710_108_900, nanos: 5 }, expireAt: { seconds: 1_710_195_300 } },
    ...{ api_id: 'up-a', org_id: 'org-up' },
  };
  const at = (url: string) => uptimeDecoder.decode([encodeUptime({ ...found, url })]).record(0)!;

  it.each([
    ['http://up/health?a=1&token=s3cr3t-t0ken', 'http://up/health?a=1&token=[redacted]'],
    ['http://joe:s3cr3t@up/health', 'http://[redacted]@up/health'],
    [
      'http://up/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n',
      'http://up/[redacted]',
    ],
  ])('takes secrets out of the address, and leaves the rest: %s', async (url, expected) => {
    const { edit, redacted } = await uptime({ presets: ['secrets'] });
    const before = at(url);

    const after = edit?.(before);

    expect(after && readUptime(after)).toEqual({ ...readUptime(before), url: expected });
    expect(after && spanned(after).span(uptimeSlots.id).end).toBeGreaterThan(0);
    expect(redacted).toEqual([1]);
    expect(after && edit?.(after)).toBe(after);
  });

  it('gives the same record back where nothing is found', async () => {
    const { edit, redacted } = await uptime({ presets: ['secrets', 'cards', 'email'] });
    const record = at('http://up.example.com/health?page=2');

    expect(edit?.(record)).toBe(record);
    expect(redacted).toEqual([]);
  });

  it('leaves nothing to read where it fails', async () => {
    const { edit, whole } = await uptime({ presets: ['secrets'] });
    const record = at('http://up/?token=s3cr3t-t0ken');

    // What comes from no decoder has no texts to look at.
    const after = edit!({ ...record, bytes: record.bytes });

    expect(readUptime(after)).toMatchObject({
      ...{ url: '[redacted]', id: '', apiId: '', orgId: '', responseCode: 503, minute: 15 },
    });
    expect(whole).toEqual(['error']);
  });

  it('takes the address for the path of a call', async () => {
    const { edit } = await uptime({ fields: ['path'], query: ['site'] });
    const byQuery = await uptime({ query: ['site'] });

    expect(readUptime(edit!(at('http://up/')))).toMatchObject({ url: '[redacted]', apiId: 'up-a' });
    expect(readUptime(byQuery.edit!(at('http://up/?site=7'))).url).toBe(
      'http://up/?site=[redacted]',
    );
  });

  it('is none where nothing is said', async () => {
    expect((await uptime({})).edit).toBeUndefined();
    expect((await treatment({}, noEdits, 'uptime')).edit).toBeUndefined();
  });
});
