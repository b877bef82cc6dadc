import { isObject, typeName } from '../../config/options/json.ts';
import { nearest } from '../../lib/nearest.ts';
import type { RecordFields, TimeValue } from '../../record/encode/record-fields.ts';
import { type Field, gatewayFields } from '../../record/fields.ts';

/** What is wrong in a file of records and expectations, and where. */
export interface Fault {
  readonly key: string;
  readonly found: string;
  readonly expected: string;
}

/** An ordinary call at a moment that is always the same. */
const moment = Date.UTC(2026, 0, 31, 12);
const usual: RecordFields = {
  ...{ method: 'GET', host: 'api.example.com', path: '/', raw_path: '/', response_code: 200 },
  ...{ api_id: 'api', api_name: 'API', api_version: 'Default', org_id: 'org' },
  ...{ day: 31, month: 1, year: 2026, hour: 12 },
  timestamp: { seconds: moment / 1000 },
  expireAt: { seconds: moment / 1000 + 86_400 },
};

type Json = Readonly<Record<string, unknown>>;

/** A record by the names that every JSON output has, what is not said as in an ordinary call. */
export function readRecord(raw: unknown, at: string, faults: Fault[]): RecordFields {
  if (!isObject(raw)) {
    faults.push({ key: at, found: typeName(raw), expected: 'a record, an object of its fields' });
    return usual;
  }
  const said = within(raw, { at, path: [], faults });
  const path = typeof said['path'] === 'string' ? { raw_path: said['path'] } : {};
  return { ...usual, ...path, ...datesOf(said['timestamp']), ...said };
}

interface Place {
  readonly at: string;
  readonly path: readonly string[];
  readonly faults: Fault[];
}

function within(raw: Json, { at, path, faults }: Place): Json {
  const prefix = path.map((each) => `${each}.`).join('');
  const known = gatewayFields.filter(({ name }) => name.startsWith(prefix));
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw)) {
    const key = `${at}.${name}`;
    const field = known.find((each) => each.name === prefix + name);
    const isGroup = known.some((each) => each.name.startsWith(`${prefix}${name}.`));
    if (field !== undefined) {
      const read = readValue(field, value);
      if (read === undefined)
        faults.push({ key, found: typeName(value), expected: expectedOf(field) });
      else result[name] = read;
    } else if (isGroup && isObject(value))
      result[name] = within(value, { at: key, path: [...path, name], faults });
    else {
      const names = known.map((each) => each.name.slice(prefix.length).split('.')[0] ?? '');
      const guess = isGroup ? undefined : nearest(name, names);
      const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
      const expected = isGroup ? 'an object' : `a field of a record (docs/fields.md)${hint}`;
      faults.push({ key, found: typeName(value), expected });
    }
  }
  return result;
}

/** Undefined: it is no value of this field. */
function readValue({ kind, name }: Field, value: unknown): unknown {
  const isText = typeof value === 'string';
  switch (kind) {
    case 'text':
      // A message as it is on the wire; in a record it stands in base64.
      if (name.startsWith('raw_re') && isObject(value) && typeof value['text'] === 'string')
        return Buffer.from(value['text']).toString('base64');
      return isText ? value : undefined;
    case 'int32':
    case 'int64':
      return Number.isSafeInteger(value) ? value : undefined;
    case 'float':
      return typeof value === 'number' ? value : undefined;
    case 'flag':
      return typeof value === 'boolean' ? value : undefined;
    case 'time':
      return isText ? timeOf(value) : undefined;
    case 'list':
      return isTexts(value) ? value : undefined;
    case 'names':
      return isObject(value) && isTexts(Object.values(value)) ? value : undefined;
    case 'types':
      return isObject(value) && Object.values(value).every(isTexts) ? value : undefined;
    case 'errors':
      return Array.isArray(value) &&
        value.every((each) => isObject(each) && typeof each['message'] === 'string')
        ? value
        : undefined;
    default:
      return kind satisfies never;
  }
}

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

function timeOf(text: string): TimeValue | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text)) return undefined;
  const millis = Date.parse(text.replace(/\.\d+/, ''));
  if (Number.isNaN(millis)) return undefined;
  const [, fraction = ''] = /\.(\d+)Z$/.exec(text) ?? [];
  return { seconds: millis / 1000, nanos: Number(fraction.padEnd(9, '0')) };
}

/** As the gateway sets them. */
function datesOf(timestamp: unknown): Json {
  if (!isObject(timestamp)) return {};
  const date = new Date(Number(timestamp['seconds']) * 1000);
  return {
    ...{ day: date.getUTCDate(), month: date.getUTCMonth() + 1 },
    ...{ year: date.getUTCFullYear(), hour: date.getUTCHours() },
  };
}

function expectedOf({ kind, name }: Field): string {
  if (name.startsWith('raw_re')) return 'a text in base64, or {"text": "GET / HTTP/1.1…"}';
  switch (kind) {
    case 'text':
      return 'a text';
    case 'int32':
    case 'int64':
      return 'an integer';
    case 'float':
      return 'a number';
    case 'flag':
      return 'true or false';
    case 'time':
      return 'a time in UTC, such as "2026-01-31T12:00:00Z"';
    case 'list':
      return 'a list of texts';
    case 'names':
      return 'an object of texts';
    case 'types':
      return 'an object of lists of texts';
    case 'errors':
      return 'a list of objects with a message';
    default:
      return kind satisfies never;
  }
}
