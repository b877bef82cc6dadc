import {
  type Bytes,
  bytes,
  credentialsIn,
  httpUrl,
  type Limits,
  millis,
  type PresetValues,
  type Shape,
} from '#pump';
import { type Parsed, type Piece, readPieces } from '../shared/templates/template.ts';
import { documentShape, isField, type ValueWriter } from './fields.ts';
import { readJsonTemplate } from './json-template.ts';
import { piecesWriter } from './json-text.ts';
import type { Options } from './options.ts';
import { type Format, type Preset, presets } from './presets.ts';
import { readUrlTemplate, type UrlTemplate } from './url-template.ts';

/** The options with the preset's worked in, and the templates read. What the other files of this folder are given. */
export interface Settings {
  readonly target: UrlTemplate;
  readonly method: readonly Piece[];
  readonly format: Format;
  readonly body: ValueWriter;
  readonly around: Preset['around'];
  /** Of a stream of Loki: its labels as JSON. */
  readonly labels: ValueWriter;
  readonly headers: Readonly<Record<string, string>>;
  readonly idempotencyHeader: string;
  readonly statuses: Readonly<Record<string, string>>;
  readonly records: number;
  readonly bytes: Bytes;
  readonly gzipLevel: number | undefined;
}

/** `document` is what `{{record}}` stands for. Throws where `problemsOf` has found errors. */
export function settingsOf(options: Options, document: Shape = documentShape): Settings {
  const preset = presets[options.preset];
  const format = formatOf(options);
  return {
    target: good(readUrlTemplate(options.url.reveal())),
    method: good(readPieces(options.method, isField)),
    format,
    body: good(readJsonTemplate(options.body ?? preset.body, document)),
    around: options.format === undefined ? preset.around : presets.none.around,
    labels: labelsWriter(options.labels),
    headers: headersOf(options, preset, format),
    idempotencyHeader: (options.idempotency_header ?? preset.idempotencyHeader).toLowerCase(),
    statuses: { ...preset.statuses, ...options.statuses },
    ...sizesOf(options),
    gzipLevel: options.gzip ? options.gzip_level : undefined,
  };
}

/** What the preset says in the place of the operator, or what holds without one. */
export function presetOf(options: Options): PresetValues {
  const {
    format,
    body,
    idempotencyHeader,
    statuses,
    records,
    bytes: size,
  } = presets[options.preset];
  return {
    name: options.preset === 'none' ? undefined : options.preset,
    values: {
      format,
      body,
      idempotency_header: idempotencyHeader,
      ...(Object.keys(statuses).length === 0 ? {} : { statuses }),
      batch_records: records,
      batch_bytes: bytes(size),
    },
  };
}

function good<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error('a template that was refused is not used');
  return parsed.value;
}

export const formatOf = ({ format, preset }: Options): Format => format ?? presets[preset].format;

function sizesOf(options: Options): Pick<Settings, 'records' | 'bytes'> {
  const preset = presets[options.preset];
  const records = options.batch_records ?? preset.records;
  const size = options.batch_bytes ?? preset.bytes;
  const isBound = options.preset !== 'none';
  return {
    records: isBound ? Math.min(records, preset.records) : records,
    bytes: bytes(isBound ? Math.min(size, preset.bytes) : Math.min(size, mostBytes)),
  };
}

/** What is under way must fit in memory several times. */
const mostBytes = 32 * 1_048_576;

export function limitsOf(options: Options): Limits {
  const { records, bytes: size } = sizesOf(options);
  return { records, bytes: size, age: millis(1_000), inFlight: 4 };
}

const contentTypes: Readonly<Record<Format, string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  single: 'application/json',
  loki: 'application/json',
};

/** Names in small letters, so that the operator's take the place of ours. */
function headersOf(
  options: Options,
  { contentType, tokenHeader, tokenWord }: Preset,
  format: Format,
): Readonly<Record<string, string>> {
  const token = options.token.reveal();
  const type = options.format === undefined && contentType !== '' ? contentType : undefined;
  return {
    'content-type': type ?? contentTypes[format],
    ...basicOf(options),
    ...(token === '' ? {} : { [tokenHeader]: tokenWord + token }),
    ...(options.gzip ? { 'content-encoding': 'gzip' } : {}),
    ...Object.fromEntries(
      Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]),
    ),
  };
}

function basicOf({ url, username, password, token }: Options): Readonly<Record<string, string>> {
  if (token.reveal() !== '') return {};
  const address = httpUrl(url.reveal());
  const found =
    username === '' && address !== undefined
      ? credentialsIn(address)
      : { username, password: password.reveal() };
  if (found === undefined || found.username === '') return {};
  const pair = Buffer.from(`${found.username}:${found.password}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}

function labelsWriter(labels: Options['labels']): ValueWriter {
  const writers = Object.entries(labels).map(([name, value], index) => {
    const before = Buffer.from(`${index === 0 ? '' : ','}${JSON.stringify(name)}:`);
    return { before, write: piecesWriter(good(readPieces(value, isField))) };
  });
  return (entry, out) => {
    out.byte(0x7b);
    for (const { before, write } of writers) {
      out.bytes(before);
      write(entry, out);
    }
    out.byte(0x7d);
  };
}
