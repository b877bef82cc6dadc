import { expect, test } from 'vitest';
import type { LimitsConfig, PumpEntry } from '../config/config.ts';
import { formatProblem } from '../config/problem.ts';
import { type FieldsConfig, noRules } from '../config/record-rules.ts';
import { bytes, millis, seconds } from '../lib/units.ts';
import { fullShape } from '../record/full-shape.ts';
import { definePump } from './define-pump.ts';
import { reviewPumps } from './review-pumps.ts';
import type { ServedAt } from './served-at.ts';
import { basicTlsOptions } from './tls.ts';

const admin = { name: 'health', port: 8083, address: '' };

const anEntry = (name: string, over: Partial<PumpEntry> = {}): PumpEntry => ({
  name,
  type: name.toLowerCase(),
  filters: {
    apiIds: [],
    orgIds: [],
    responseCodes: [],
    skipApiIds: [],
    skipOrgIds: [],
    skipResponseCodes: [],
  },
  timeout: undefined,
  omitDetailedRecording: false,
  maxRecordSize: 0,
  ignoreFields: [],
  rawRequestDecoded: false,
  rawResponseDecoded: false,
  rules: noRules,
  limits: limits({}),
  records: 'analytics',
  startAt: 'now',
  meta: {
    raw: {},
    source: 'pump.conf',
    key: `pumps.${name.toLowerCase()}.meta`,
    env: {},
    envPrefix: '',
  },
  ...over,
});

const limits = (over: Partial<LimitsConfig>): LimitsConfig => ({
  records: undefined,
  bytes: undefined,
  age: undefined,
  inFlight: undefined,
  concurrency: 'adaptive',
  ...over,
});

async function review(
  entries: readonly PumpEntry[],
  servedAt: Readonly<Record<string, readonly ServedAt[]>> = {},
): Promise<readonly string[]> {
  const { problems } = await reviewPumps(entries, {
    admin,
    findPump: (type) =>
      Promise.resolve({
        outcome: 'found',
        pump: definePump({
          type,
          title: 'Fake Pump',
          summary: 'Takes everything.',
          options: basicTlsOptions,
          envPrefix: '',
          limits: { records: 10, bytes: bytes(1_000), age: seconds(1), inFlight: 2 },
          document: () => (type === 'bare' ? undefined : fullShape),
          servedAt: () => servedAt[type] ?? [],
          repeats: 'harmless',
          guarantee: 'at-least-once',
          open: () => Promise.reject(new Error('never opened')),
        }),
      }),
  });
  return problems.map((problem) => `${problem.severity} ${formatProblem(problem)}`);
}

test('a name in ignore_fields that is no field is a warning with the nearest one', async () => {
  const ignoreFields = ['api_key', 'raw_requst', 'Path', 'geo.city'];
  expect(await review([anEntry('A', { ignoreFields })])).toEqual([
    'warning pump.conf: pumps.a.ignore_fields: found "raw_requst", expected the name of a field of a record; did you mean "raw_request"? (nothing is emptied for this one)',
    expect.stringContaining(
      'found "Path", expected the name of a field of a record; did you mean "path"?',
    ),
    expect.stringContaining('found "geo.city", expected the name of a field of a record'),
  ]);
});

test('the problem names the variable that said it', async () => {
  const saidBy = { ignore_fields: 'TYK_PMP_PUMPS_A_IGNOREFIELDS' };
  expect(await review([anEntry('A', { ignoreFields: ['nope'], saidBy })])).toEqual([
    expect.stringContaining('environment: TYK_PMP_PUMPS_A_IGNOREFIELDS: found "nope"'),
  ]);
});

test('limits above the pump’s own are warnings, for they only lower', async () => {
  const asked = limits({ records: 11, bytes: bytes(1_000), age: millis(2_000), inFlight: 1 });
  expect(await review([anEntry('A', { limits: asked })])).toEqual([
    'warning pump.conf: pumps.a.limits.records: found more than the pump’s own limit, expected at most 10, which is used',
    'warning pump.conf: pumps.a.limits.age: found more than the pump’s own limit, expected at most 1000 ms, which is used',
  ]);
});

test('a certificate that is not there names its option', async () => {
  const meta = { ...anEntry('A').meta, raw: { ssl_ca_file: '/no/such/ca.pem' } };
  expect(await review([anEntry('A', { meta })])).toEqual([
    'warning pump.conf: pumps.a.meta.ssl_ca_file: found the name of a file that cannot be read (ENOENT), expected a file in PEM form; until it is there, the pump cannot be opened',
  ]);
});

const address = (host: string, port: number): readonly ServedAt[] => [
  { kind: 'address', option: 'listen_address', host, port },
];
const path = (of: string): readonly ServedAt[] => [
  { kind: 'admin-path', option: 'path', path: of },
];

test.each<[string, readonly ServedAt[], readonly ServedAt[], string]>([
  ['two on one address', address('', 9090), address('127.0.0.1', 9090), 'the pump A has this one'],
  ['the admin server’s', [], address('localhost', 8083), 'the health and metrics server'],
  ['two on one path', path('/tyk'), path('/tyk'), 'the pump A has this one'],
  ['the health page’s path', [], path('/health'), 'the health and metrics server'],
])('%s is an error', async (_, first, second, owner) => {
  expect(await review([anEntry('A'), anEntry('B')], { a: first, b: second })).toEqual([
    expect.stringMatching(
      `error pump.conf: pumps\\.b\\.meta\\.\\w+: found .* expected another .*${owner}`,
    ),
  ]);
});

test.each([
  ['127.0.0.1', 9090, '127.0.0.2', 9090],
  ['', 9090, '', 9091],
  ['', 0, '', 0],
])('%s:%d and %s:%d are two places', async (host, port, otherHost, otherPort) => {
  const served = { a: address(host, port), b: address(otherHost, otherPort) };
  expect(await review([anEntry('A'), anEntry('B')], served)).toEqual([]);
});

const wanted = (fields: Partial<FieldsConfig>) =>
  anEntry('A', {
    rules: {
      ...noRules,
      fields: { include: [], exclude: [], rename: {}, constants: {}, unknown: false, ...fields },
      saidAt: {
        'fields.include': { source: 'pump.conf', key: 'pumps.a.fields.include' },
        'fields.exclude': { source: 'pump.conf', key: 'pumps.a.fields.exclude' },
      },
    },
  });

test('fields that the documents cannot have so are errors', async () => {
  expect(await review([wanted({ exclude: ['pth'], include: ['path'] })])).toEqual([
    expect.stringMatching(
      /^error pump.conf: pumps\.a\.fields\.exclude: found "pth", expected the name/,
    ),
  ]);
  expect(await review([wanted({ rename: { path: 'x' } })])).toEqual([]);
});

test('fields are a warning where there are no documents', async () => {
  const entry = { ...wanted({ exclude: ['path'] }), type: 'bare' };
  expect(await review([entry])).toEqual([
    expect.stringContaining(
      'warning pump.conf: pumps.a.fields.include: found what documents shall hold',
    ),
  ]);
});
