import {
  type AnalyticsRecord,
  goTimeText,
  type IntegerField,
  integerReader,
  type NumberSource,
  type TextField,
} from '#pump';
import { groupingIntegers, groupingTexts } from '../shared/grouping/fields.ts';
import { type PathLabel, unknownPath } from './path-label.ts';
import type { NumberOf, TextNumbers } from './text-numbers.ts';

/** Where the values of a label come from. Labels with one `id` show the same, so it is asked once per record. */
export interface LabelSource {
  readonly id: string;
  readonly read: (record: AnalyticsRecord) => string;
  /** Equal numbers mean equal values; below 0 there is none, and the value itself must be looked at. */
  readonly number: NumberOf;
  /** The same for many records at once. */
  readonly source: NumberSource;
}

export interface LabelRules {
  /** How many characters of a key are shown; undefined: all. */
  readonly keyCharacters: number | undefined;
  readonly path: PathLabel;
  readonly numbers: TextNumbers;
}

const texts: Readonly<Record<string, TextField>> = {
  host: 'host',
  method: 'method',
  api: 'api_id',
  api_id: 'api_id',
  api_version: 'api_version',
  api_name: 'api_name',
  org_id: 'org_id',
  client_id: 'oauth_id',
  oauth_id: 'oauth_id',
  ip_address: 'ip_address',
  alias: 'alias',
  mcp_method: 'mcp_stats.jsonrpc_method',
  mcp_primitive_type: 'mcp_stats.primitive_type',
  mcp_primitive_name: 'mcp_stats.primitive_name',
  ...groupingTexts,
};

const integers: Readonly<Record<string, IntegerField>> = {
  code: 'response_code',
  response_code: 'response_code',
  request_time: 'request_time',
  ...groupingIntegers,
};

const others = ['path', 'key', 'api_key', 'time_stamp'];

/** Every label a metric may have. */
export const labelNames: readonly string[] = [
  ...Object.keys(texts),
  ...Object.keys(integers),
  ...others,
].sort();

/** The source of a label's values; undefined: there is no such label. Bytes that are no UTF-8 read as U+FFFD. */
export function labelSource(
  name: string,
  { keyCharacters, path, numbers }: LabelRules,
): LabelSource | undefined {
  if (!labelNames.includes(name)) return undefined;
  const text = texts[name];
  if (text !== undefined)
    return {
      id: text,
      read: (record) => record.text(text),
      number: numbers.of(text),
      source: { form: 'text', field: text },
    };
  const integer = integers[name];
  if (integer !== undefined) return integerSource(integer);
  if (name === 'path') return pathSource(path, numbers.of('path'));
  if (name === 'time_stamp') {
    const read = (record: AnalyticsRecord): string => goTimeText(record.time('timestamp'));
    return { id: name, read, number: () => -1, source: { form: 'none' } };
  }
  const number = numbers.of('api_key');
  const source: NumberSource = { form: 'text', field: 'api_key' };
  if (keyCharacters === undefined)
    return { id: 'api_key', read: (record) => record.text('api_key'), number, source };
  const read = (record: AnalyticsRecord): string =>
    obfuscated(record.text('api_key'), keyCharacters);
  return { id: `api_key ${keyCharacters}`, read, number, source };
}

/** What fits into 31 bits is a number by itself. */
function integerSource(field: IntegerField): LabelSource {
  const read = integerReader(field);
  return {
    id: field,
    read: (record) => String(record.integer(field)),
    number(record) {
      const value = read(record);
      return typeof value === 'number' && value >= 0 && value < 2 ** 31 ? value : -1;
    },
    source: { form: 'integer', field },
  };
}

const pathSource = ({ isShown, shown, shownIf }: PathLabel, number: NumberOf): LabelSource => ({
  id: 'path',
  read: (record) => (isShown(record) ? shown(record.text('path')) : unknownPath),
  number: (record) => (isShown(record) ? number(record) : 0),
  source: { form: 'text', field: 'path', shownIf },
});

/** Whole characters: half of one would make a label that is no UTF-8. */
function obfuscated(key: string, shown: number): string {
  const characters = Array.from(key);
  return characters.length > shown ? `****${characters.slice(-shown).join('')}` : '--';
}
