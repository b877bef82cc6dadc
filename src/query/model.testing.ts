/**
 * What a query means, said once more and slowly: plain objects, strings with a character for each byte, and Node's own
 * networks. It shares nothing with the compiled form but the tree.
 */
import { BlockList, isIP } from 'node:net';
import type { RecordFields, TextValue, TimeValue } from '../record/encode/record-fields.ts';
import type { AddressTest, Instant, Pattern, Query } from './tree.ts';

type Encoding = 'msgpack' | 'protobuf';

export function modelSelects(query: Query, record: RecordFields, encoding: Encoding): boolean {
  const valueOf = (field: string) => look(record, field, encoding);
  switch (query.kind) {
    case 'everything':
      return true;
    case 'and':
      return query.terms.every((term) => modelSelects(term, record, encoding));
    case 'or':
      return query.terms.some((term) => modelSelects(term, record, encoding));
    case 'not':
      return !modelSelects(query.term, record, encoding);
    case 'word': {
      const fields = ['path', 'raw_path', 'api_name', 'user_agent', 'alias', 'tags'];
      const texts = [...fields.flatMap((field) => textsOf(record, field, encoding))];
      const payloads = [message(record.raw_request), message(record.raw_response)];
      return [...texts, ...payloads].some((text) => fits(query.pattern, text, true));
    }
    case 'text':
      return textsOf(record, query.field, encoding).some((text) =>
        fits(query.pattern, text, query.ignoresCase),
      );
    case 'exists':
      return exists(record, query.field, encoding);
    case 'flag':
      return (valueOf(query.field) ?? false) === query.value;
    case 'number': {
      const value = numberOf(valueOf(query.field));
      if (query.operator === '<') return value < query.value;
      if (query.operator === '<=') return value <= query.value;
      if (query.operator === '>') return value > query.value;
      if (query.operator === '>=') return value >= query.value;
      return !(value < query.value) && !(value > query.value);
    }
    case 'number-range': {
      const value = numberOf(valueOf(query.field));
      return !(value < (query.from ?? value)) && !(value > (query.to ?? value));
    }
    case 'time': {
      const [value, other] = [nanosOf(valueOf(query.field)), total(query.instant)];
      return { '<': value < other, '<=': value <= other, '>': value > other, '>=': value >= other }[
        query.operator
      ];
    }
    case 'time-range': {
      const value = nanosOf(valueOf(query.field));
      const isLate = query.from === undefined || value >= total(query.from);
      return isLate && (query.before === undefined || value < total(query.before));
    }
    case 'address':
      return isWithin(query, textOf(record.ip_address));
  }
  return query satisfies never;
}

/** A value by its dotted name, as far as the encoding has it. */
function look(record: RecordFields, name: string, encoding: Encoding): unknown {
  if (encoding === 'protobuf' && (name === 'geo.city.names' || name === 'latency.gateway'))
    return undefined;
  return name
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], record);
}

function textsOf(record: RecordFields, name: string, encoding: Encoding): readonly string[] {
  const isResponse = name.startsWith('response.');
  const part = name.replace(/^response\./, '');
  if (part === 'body' || part.startsWith('header.')) {
    const [, ...lines] = message(isResponse ? record.raw_response : record.raw_request).split('\n');
    const gap = lines.findIndex((line) => line === '' || line === '\r');
    if (part === 'body') return [gap < 0 ? '' : lines.slice(gap + 1).join('\n')];
    const head = gap < 0 ? lines : lines.slice(0, gap);
    return head
      .filter((line) => lowered(line).startsWith(`${part.slice('header.'.length)}:`))
      .map((line) => line.slice(line.indexOf(':') + 1).replace(/^[ \t\r]+|[ \t\r]+$/g, ''));
  }
  const value = look(record, name, encoding);
  if (name === 'geo.city.names') return Object.values(value ?? {}).map(textOf);
  if (name === 'graphql_stats.Types') return Object.keys(value ?? {}).map(textOf);
  if (name === 'graphql_stats.Errors')
    return ((value ?? []) as readonly { message: string }[]).map(({ message: said }) =>
      textOf(said),
    );
  if (name === 'tags' || name === 'graphql_stats.RootFields')
    return ((value ?? []) as readonly TextValue[]).map(textOf);
  return [textOf(value as TextValue | undefined)];
}

function exists(record: RecordFields, name: string, encoding: Encoding): boolean {
  const value = look(record, name, encoding);
  if (name === 'timestamp' || name === 'expireAt') return nanosOf(value) >= 1_000_000_000n;
  if (typeof value === 'number' || typeof value === 'bigint') return numberOf(value) != 0;
  if (typeof value === 'boolean') return value;
  const texts = textsOf(record, name, encoding);
  const isPlain = texts.length === 1 && (isSingle(name) || name.endsWith('body'));
  return isPlain ? texts[0] !== '' : texts.length > 0;
}

const several = ['tags', 'graphql_stats.RootFields', 'graphql_stats.Types', 'geo.city.names'];
const isSingle = (name: string): boolean =>
  !several.includes(name) && name !== 'graphql_stats.Errors' && !name.includes('header.');

/** Follows every way in which the parts may lie in the text. */
function fits(pattern: Pattern, text: string, ignoresCase: boolean): boolean {
  const fold = (bytes: string): string => (ignoresCase ? lowered(bytes) : bytes);
  const whole = fold(text);
  const [first = '', ...others] = pattern.map((part) => fold(textOf(part)));
  if (others.length === 0) return whole === first;
  let ends = whole.startsWith(first) ? [first.length] : [];
  for (const part of others) {
    const least = Math.min(...ends);
    const places = Array.from({ length: whole.length + 1 }, (_, at) => at);
    ends = places
      .filter((at) => at >= least && whole.startsWith(part, at))
      .map((at) => at + part.length);
  }
  return ends.includes(whole.length);
}

/** A character for each byte. */
const textOf = (value: TextValue | undefined = ''): string => Buffer.from(value).toString('latin1');
const lowered = (text: string): string => text.replace(/[A-Z]/g, (each) => each.toLowerCase());

function message(value: TextValue | undefined): string {
  const text = textOf(value);
  const isBase64 = /^(?:[a-z0-9+/]{4})*(?:[a-z0-9+/]{2}==|[a-z0-9+/]{3}=)?$/i.test(text);
  return isBase64 ? Buffer.from(text, 'base64').toString('latin1') : text;
}

const numberOf = (value: unknown): number | bigint => (value ?? 0) as number | bigint;

const total = ({ seconds, nanos }: Instant): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(nanos);

/** A missing time is Go's, of year 1: a gateway leaves none out. */
function nanosOf(value: unknown): bigint {
  const missing = { seconds: -62_135_596_800 };
  const { seconds, nanos = 0 } = (value ?? missing) as TimeValue;
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

function isWithin({ network, prefix }: AddressTest, text: string): boolean {
  const address = text.replace(/(?<=:.*)%.+$/, '');
  const kind = isIP(address);
  if (kind === 0) return false;
  const plain = kind === 6 ? unmapped(address) : address;
  const isFour = network.length === 4;
  if ((isIP(plain) === 4) !== isFour) return false;
  const hex = Buffer.from(network)
    .toString('hex')
    .replace(/(.{4})(?!$)/g, '$1:');
  const list = new BlockList();
  list.addSubnet(isFour ? network.join('.') : hex, prefix, isFour ? 'ipv4' : 'ipv6');
  return list.check(plain, isFour ? 'ipv4' : 'ipv6');
}

function unmapped(address: string): string {
  const [, high, low] =
    /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(new URL(`http://[${address}]`).hostname) ?? [];
  if (high === undefined || low === undefined) return address;
  const parts = [high, low].map((part) => Number.parseInt(part, 16));
  return parts.flatMap((part) => [part >> 8, part & 0xff]).join('.');
}
