import { isUtf8 } from 'node:buffer';
import { visible } from '../../lib/visible.ts';
import { recordedMessage } from '../../query/payloads.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { slotOf } from '../../record/slots.ts';
import { spanned } from '../../record/span.ts';
import type { StoredCall } from '../../traffic/query/port.ts';

/** A call on one line for people. */
export function callLine(
  { id, time, status, latency, method, host, path, apiName, apiId }: StoredCall,
  paint: (text: string, status: number) => string,
): string {
  return [
    timeText(time),
    status === 0 ? ' – ' : paint(String(status), status),
    `${String(latency)} ms`.padStart(8),
    ...[method.padEnd(6), `${host}${path}`.slice(0, 400), apiName || apiId, id].map(visible),
  ]
    .filter((cell) => cell !== '')
    .join('  ');
}

/** In UTC, with milliseconds. */
export function timeText(micros: number): string {
  const millis = Math.floor(micros / 1000);
  return Math.abs(millis) > 8.64e15 ? String(millis) : new Date(millis).toISOString();
}

export type BodyForm = 'pretty' | 'raw' | 'hex' | 'none';

/** A whole call: what is known of it, the request and the response. Every line is harmless. */
export function wholeCall(id: string, record: AnalyticsRecord, form: BodyForm): readonly string[] {
  const { seconds, nanos } = record.time('timestamp');
  const known: readonly (readonly [string, string])[] = [
    ['id', id],
    ['time', timeText(Number(seconds) * 1e6 + Math.floor(nanos / 1000))],
    [
      'api',
      [record.text('api_name'), record.text('api_id')].filter((text) => text !== '').join(' '),
    ],
    [
      'call',
      `${record.text('method')} ${record.text('host')}${record.text('raw_path') || record.text('path')}`,
    ],
    ['status', String(record.integer('response_code'))],
    [
      'latency',
      `${String(record.integer('latency.total'))} ms, upstream ${String(record.integer('latency.upstream'))} ms`,
    ],
    ['client', [record.text('ip_address'), record.text('user_agent')].join(' ').trim()],
    ['key', record.text('api_key')],
    ['tags', (record.list('tags') ?? []).join(' ')],
  ];
  return [
    ...known
      .filter(([, text]) => text !== '')
      .map(([name, text]) => `${name.padEnd(8)} ${visible(text)}`),
    ...messageLines(record, 'raw_request', form),
    ...messageLines(record, 'raw_response', form),
  ];
}

function messageLines(
  record: AnalyticsRecord,
  field: 'raw_request' | 'raw_response',
  form: BodyForm,
): readonly string[] {
  const name = field === 'raw_request' ? 'request' : 'response';
  const message = recordedMessage(spanned(record), slotOf[field]);
  if (message.length === 0) return ['', `no ${name} was recorded`];
  const end = message.indexOf('\r\n\r\n');
  const head = message.toString('latin1', 0, end < 0 ? message.length : end);
  const body = end < 0 ? Buffer.alloc(0) : message.subarray(end + 4);
  return [
    ...['', name],
    ...head.split('\r\n').map((line) => `  ${visible(line)}`),
    ...(form === 'none' || body.length === 0 ? [] : ['', ...bodyLines(body, form)]),
  ];
}

function bodyLines(body: Buffer, form: BodyForm): readonly string[] {
  if (form === 'hex' || !isUtf8(body)) return hexLines(body);
  const text = body.toString();
  const shown = form === 'pretty' ? (prettyJson(text) ?? text) : text;
  return shown.split('\n').map((line) => `  ${visible(line)}`);
}

/** Undefined: it is no JSON, or numbers of it would be others. */
function prettyJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return undefined;
  }
}

/** More is for a file, not for a terminal. */
const mostHex = 4096;

function hexLines(body: Buffer): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(body.length, mostHex); at += 16) {
    const bytes = body.subarray(at, at + 16);
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = bytes.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
    lines.push(`  ${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  const left = body.length - mostHex;
  return left > 0 ? [...lines, `  … ${String(left)} bytes more`] : lines;
}
