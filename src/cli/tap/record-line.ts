import { isObject } from '../../config/options/json.ts';
import { visible } from '../../lib/visible.ts';

/** A record of a tap, on one line for people; `paint` colours its status. */
export function recordLine(
  line: Readonly<Record<string, unknown>>,
  paint: (text: string, status: number) => string,
): string {
  const record = isObject(line['record']) ? line['record'] : {};
  const at = textOf(line['at']);
  const time = /T(\d\d:\d\d:\d\d\.\d{3})/.exec(at)?.[1] ?? at;
  const route = textOf(line['route']);
  return [
    time,
    route.padEnd(12),
    ...(isUptime(record) ? uptimeCells(record) : callCells(record, paint)),
  ]
    .filter((cell) => cell !== '')
    .join('  ')
    .trimEnd();
}

const isUptime = (record: Readonly<Record<string, unknown>>): boolean =>
  Object.hasOwn(record, 'server_error') && Object.hasOwn(record, 'url');

function callCells(
  record: Readonly<Record<string, unknown>>,
  paint: (text: string, status: number) => string,
): readonly string[] {
  const status = numberOf(record['response_code']);
  const latency = numberOf(record['request_time']);
  const path = textOf(record['raw_path']) || textOf(record['path']);
  const key = textOf(record['alias']) || textOf(record['api_key']);
  const api = textOf(record['api_name']) || textOf(record['api_id']);
  return [
    status === undefined ? '–' : paint(String(status), status),
    (latency === undefined ? '–' : `${latency} ms`).padStart(8),
    (textOf(record['method']) || '–').padEnd(6),
    path || '–',
    api,
    key === '' ? '' : `key ${key}`,
  ];
}

const uptimeCells = (record: Readonly<Record<string, unknown>>): readonly string[] => [
  textOf(record['server_error']) === 'true' || record['server_error'] === true ? 'down' : 'up',
  `${numberOf(record['response_code']) ?? '–'}`,
  textOf(record['url']),
];

/** Whatever it is, on one line, and nothing in it steers the terminal. */
const textOf = (value: unknown): string =>
  typeof value === 'string' ? visible(value.slice(0, 400)) : '';

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined;
