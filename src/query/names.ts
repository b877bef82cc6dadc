import { nearest } from '../lib/nearest.ts';
import type { FlagField, TimeField } from '../record/fields.ts';
import { type Field, fields } from '../record/fields.ts';
import type { NumberField, PayloadSource, PlainSource } from './tree.ts';

/** What a name stands for, and so what may stand behind it. */
export type Subject =
  | { readonly kind: 'text'; readonly field: PlainSource }
  | { readonly kind: 'payload'; readonly field: PayloadSource }
  | { readonly kind: 'address'; readonly field: 'ip_address' }
  | { readonly kind: 'number'; readonly field: NumberField; readonly unit: Unit }
  | { readonly kind: 'flag'; readonly field: FlagField }
  | { readonly kind: 'time'; readonly field: TimeField }
  /** `dir`: into a workload, or out of it; a tag says which. */
  | { readonly kind: 'direction' }
  /** `last`: how long ago at most. */
  | { readonly kind: 'age' };

/** What a number counts. Milliseconds and bytes may be written with units, a status as a class. */
export type Unit = 'milliseconds' | 'bytes' | 'status' | 'none';

type FieldName = Field['name'];

/** Names for people. One that stands for two fields means either. */
export const friendlyNames: Readonly<Record<string, readonly FieldName[]>> = {
  status: ['response_code'],
  code: ['response_code'],
  api: ['api_id', 'api_name'],
  version: ['api_version'],
  key: ['api_key'],
  org: ['org_id'],
  oauth: ['oauth_id'],
  latency: ['latency.total'],
  upstream: ['latency.upstream'],
  gateway: ['latency.gateway'],
  ip: ['ip_address'],
  ua: ['user_agent'],
  agent: ['user_agent'],
  tag: ['tags'],
  size: ['content_length'],
  time: ['timestamp'],
  url: ['raw_path', 'path'],
  country: ['geo.country.iso_code'],
  city: ['geo.city.names'],
  schema: ['api_schema'],
  graphql: ['graphql_stats.IsGraphQL'],
  error: ['graphql_stats.Errors'],
  mcp: ['mcp_stats.is_mcp'],
  tool: ['mcp_stats.primitive_name'],
};

const unitOf: Partial<Readonly<Record<FieldName, Unit>>> = {
  response_code: 'status',
  request_time: 'milliseconds',
  'latency.total': 'milliseconds',
  'latency.upstream': 'milliseconds',
  'latency.gateway': 'milliseconds',
  content_length: 'bytes',
  'network.bytes_in': 'bytes',
  'network.bytes_out': 'bytes',
};

const subjects = new Map<string, readonly Subject[]>();
for (const field of fields) subjects.set(field.name.toLowerCase(), [subjectOf(field)]);
for (const [name, meant] of Object.entries(friendlyNames))
  subjects.set(
    name,
    meant.flatMap((field) => subjects.get(field.toLowerCase()) ?? []),
  );
for (const [name, field] of [
  ['body', 'body'],
  ['request.body', 'body'],
  ['response.body', 'response.body'],
] as const)
  subjects.set(name, [{ kind: 'payload', field }]);
subjects.set('dir', [{ kind: 'direction' }]);
subjects.set('last', [{ kind: 'age' }]);

function subjectOf({ name, kind }: Field): Subject {
  if (name === 'ip_address') return { kind: 'address', field: name };
  switch (kind) {
    case 'text':
    case 'list':
    case 'names':
    case 'types':
    case 'errors':
      return { kind: 'text', field: name };
    case 'int32':
    case 'int64':
    case 'float':
      return { kind: 'number', field: name, unit: unitOf[name] ?? 'none' };
    case 'flag':
      return { kind, field: name };
    case 'time':
      return { kind, field: name };
  }
  return kind satisfies never;
}

const headerName = /^(request\.|response\.)?header\.([a-z0-9_.-]+)$/;

/** What the name means, letter case ignored; undefined where nothing is called so. */
export function subjectsOf(name: string): readonly Subject[] | undefined {
  const small = name.toLowerCase();
  const [, message, header] = headerName.exec(small) ?? [];
  if (header === undefined) return subjects.get(small);
  const field: PayloadSource =
    message === 'response.' ? `response.header.${header}` : `header.${header}`;
  return [{ kind: 'payload', field }];
}

/** Longer names are like no other. */
const longestMisspelt = 40;

/** The names that a misspelt one may have been meant to be, the likeliest first. */
export function namesLike(name: string): readonly string[] {
  if (name.length > longestMisspelt) return [];
  const known = new Set([...subjects.keys(), 'header.', 'response.header.']);
  const found: string[] = [];
  while (found.length < 3) {
    const next = nearest(name, known) ?? lastPartOf(name, known);
    if (next === undefined) return found;
    found.push(next);
    known.delete(next);
  }
  return found;
}

/** `iso_code` of `geo.country.iso_code`. */
const lastPartOf = (name: string, known: ReadonlySet<string>): string | undefined =>
  [...known].find((each) => each.endsWith(`.${name.toLowerCase()}`));
