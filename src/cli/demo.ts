import type { Clock } from '../lib/clock.ts';
import { millis } from '../lib/units.ts';
import type { RecordFields } from '../record/encode/record-fields.ts';
import type { RunFlags } from './command-line/command.ts';
import { calendarOf, timeOf } from './traffic/times.ts';

export interface DemoOptions {
  readonly orgId: string;
  /** Empty: three fixed APIs. */
  readonly apiId: string;
  readonly apiVersion: string;
  readonly tracksPath: boolean;
  readonly days: number;
  /** 0: random from 300 to 499. */
  readonly recordsPerHour: number;
  readonly isFuture: boolean;
}

/**
 * Demo mode, where the variable or else the flag names an organisation; the variable wins (tyk-pump.md, "Flags and demo
 * mode").
 */
export function demoOptions(
  flags: RunFlags,
  env: Readonly<Record<string, string | undefined>>,
): DemoOptions | undefined {
  const said = env['TYK_PMP_BUILDDEMODATA'] ?? '';
  const orgId = said === '' ? flags.demo : said;
  if (orgId === '') return undefined;
  return {
    orgId,
    apiId: flags['demo-api'],
    apiVersion: flags['demo-api-version'] === '' ? 'Default' : flags['demo-api-version'],
    tracksPath: flags['demo-track-path'],
    days: flags['demo-days'],
    recordsPerHour: flags['demo-records-per-hour'],
    isFuture: flags['demo-future-data'],
  };
}

/**
 * The records of demo mode, hour by hour: every day's 24, days × 24 batches in all (tyk-pump.md, "Flags and demo
 * mode").
 */
export function* demoHours(
  options: DemoOptions,
  clock: Pick<Clock, 'now' | 'random'>,
): Generator<readonly RecordFields[]> {
  const now = clock.now();
  const today = new Date(now);
  const below = (bound: number): number => Math.floor(clock.random() * bound);
  const keys = Array.from({ length: 50 }, () => {
    return options.orgId + Array.from({ length: 32 }, () => below(16).toString(16)).join('');
  });
  for (let day = 0; day < options.days; day++) {
    const offset = options.isFuture ? day : day - options.days;
    for (let hour = 0; hour < 24; hour++) {
      // The hour is UTC's, on a day of the local calendar: so has the reference it.
      const start = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate() + offset, hour);
      const records = options.recordsPerHour > 0 ? options.recordsPerHour : 300 + below(200);
      const spacing = Math.floor(3_600 / records);
      yield Array.from({ length: records }, (_, index) =>
        demoRecord({ options, now, at: start + index * spacing * 1_000, keys, below }),
      );
    }
  }
}

interface Demo {
  readonly options: DemoOptions;
  readonly now: number;
  readonly at: number;
  readonly keys: readonly string[];
  readonly below: (bound: number) => number;
}

function demoRecord({ options, now, at, keys, below }: Demo): RecordFields {
  const pick = <T>(choices: readonly T[], fallback: T): T =>
    choices[below(choices.length)] ?? fallback;
  const time = millis(at);
  const path = demoPath(pick, below);
  const api = options.apiId === '' ? pick(apis, apis[0]) : { name: 'Foo Bar', id: options.apiId };
  return {
    method: pick(methods, 'GET'),
    host: '',
    path,
    raw_path: path,
    content_length: below(999),
    user_agent: pick(agents, ''),
    ...calendarOf(time),
    response_code: statusOf(below(10)),
    api_key: pick(keys, ''),
    timestamp: timeOf(time, 0),
    api_version: options.apiVersion,
    api_name: api.name,
    api_id: api.id,
    org_id: options.orgId,
    request_time: below(10),
    raw_request: Buffer.from('BODY DATA').toString('base64'),
    raw_response: Buffer.from('RESPONSE DATA').toString('base64'),
    ip_address: '118.93.55.103',
    geo: { country: { iso_code: pick(['RU', 'US', 'UK'], 'UK') } },
    tags: [`orgid-${options.orgId}`, `apiid-${api.id}`],
    track_path: options.tracksPath,
    expireAt: timeOf(millis(now + 8_760 * 3_600_000), 0),
  };
}

const apis = [
  { name: 'Foo Bar Baz API', id: 'de6e4d9ddde34d1657a6d93fab835abd' },
  { name: 'Wibble Wobble API', id: 'de6e4d9ddde34d1657a6d92fab935aba' },
  { name: 'Wonky Ponky API', id: 'de6e4d9ddde34d1657a6d91fab836abb' },
] as const;
const methods = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD'];
const roots = ['/widget', '/foo', '/beep', '/boop'];
const words =
  'amber basil cedar delta ember fjord grove haven inlet jetty knoll larch maple north oasis pearl quartz ridge slate tide'.split(
    ' ',
  );
const agents = [
  'curl/8.5.0',
  'okhttp/4.12.0',
  'python-requests/2.32.3',
  'Mozilla/5.0 (X11; Linux x86_64)',
];

/** 80 % OK, 10 % forbidden, 10 % failed. */
const statusOf = (tenth: number): number => (tenth === 0 ? 403 : tenth === 1 ? 500 : 200);

function demoPath(
  pick: <T>(choices: readonly T[], fallback: T) => T,
  below: (bound: number) => number,
): string {
  const path = `${pick(roots, '')}/${pick(words, '')}`;
  return below(2) === 0 ? path : `${path}/${pick(words, '')}`;
}
