/** Values of our own, for the tests of this folder. */

import type { PumpEntry } from '../../config/config.ts';
import { noRules } from '../../config/record-rules.ts';
import { partsOf } from '../../lib/elements.ts';
import { millis } from '../../lib/units.ts';
import { recordIdOf } from '../../pump/batch.ts';
import type { SourceList } from '../../purge/lease/lease.ts';
import type { AnalyticsRecord, Chunk, Undecodable } from '../../record/record.ts';
import type { DeadLetter } from '../dead-letters/letter.ts';
import { Item, type OpenRange } from '../item.ts';

export interface RecordFields {
  readonly apiId?: string;
  readonly orgId?: string;
  readonly code?: number;
  readonly size?: number;
}

export function aFakeRecord(fields: RecordFields = {}): AnalyticsRecord {
  const texts: Readonly<Record<string, string>> = {
    api_id: fields.apiId ?? 'api',
    org_id: fields.orgId ?? 'org',
  };
  const size = fields.size ?? 100;
  return {
    encoding: 'msgpack',
    size,
    bytes: new Uint8Array(size).fill(0x61),
    text: (field) => texts[field] ?? '',
    utf8: (field) => Buffer.from(texts[field] ?? ''),
    integer: (field) => (field === 'response_code' ? (fields.code ?? 200) : 0),
    float: () => 0,
    flag: () => false,
    time: () => ({ seconds: 0, nanos: 0, zone: 'UTC' }),
    seconds: () => 0,
    list: () => null,
    cityNames: () => null,
    graphTypes: () => null,
    graphErrors: () => null,
  };
}

export const someRecords = (count: number, fields: RecordFields = {}): AnalyticsRecord[] =>
  Array.from({ length: count }, () => aFakeRecord(fields));

const decode = (elements: readonly Uint8Array[]): Chunk =>
  chunkOf(elements.map((element) => aFakeRecord({ size: element.length })));

export const aList = (key = 'analytics-tyk-system-analytics'): SourceList => ({
  key,
  decoder: {
    name: 'msgpack',
    records: 'analytics',
    keySuffix: '',
    scan: (elements) => decode(partsOf(elements)),
    decode,
  },
});

/** `undefined` stands for an undecodable element. */
export function chunkOf(records: readonly (AnalyticsRecord | undefined)[]): Chunk {
  const undecodable: Undecodable[] = [];
  for (const [index, record] of records.entries())
    if (record === undefined)
      undecodable.push({ index, bytes: Buffer.from('broken'), reason: 'it is no map' });
  return {
    size: records.length,
    byteLength: 0,
    memory: [],
    record: (index) => records[index],
    undecodable,
  };
}

export function anItem(fields: RecordFields & { readonly index?: number } = {}): Item {
  const record = aFakeRecord(fields);
  const list = aList();
  const range = { list, segment: '1-1', start: 0, count: 1, bytes: 100, claimedAt: 0 };
  const tally = { delivered: 0, rejected: 0, filtered: 0, stale: 0, vanished: 0, spilled: 0 };
  const origin: OpenRange = {
    ...({ kind: 'range', list, lease: { id: '1-1', range }, pending: 1, tally } as const),
    carriers: 0,
    letGo: undefined,
  };
  const item = new Item(origin, '1-1', fields.index ?? 0, record, record.bytes.length);
  item.attempts = 1;
  item.first = { at: millis(1) };
  return item;
}

export const aLetter = (overrides: Partial<DeadLetter> = {}): DeadLetter => ({
  id: recordIdOf('1-1', 0),
  list: aList().key,
  route: 'TEST',
  kind: 'invalid',
  reason: 'the field is no number',
  attempts: 1,
  firstAt: millis(1),
  lastAt: millis(2),
  encoding: 'msgpack',
  bytes: Buffer.from([0x80, 0x0a, 0xff]),
  ...overrides,
});

export const aPumpEntry = (overrides: Partial<PumpEntry> = {}): PumpEntry => ({
  name: 'TEST',
  type: 'test',
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
  records: 'analytics',
  startAt: 'now',
  limits: {
    records: undefined,
    bytes: undefined,
    age: undefined,
    inFlight: undefined,
    concurrency: 'adaptive',
  },
  meta: { raw: {}, source: 'test', key: 'pumps.TEST.meta', env: {}, envPrefix: '' },
  ...overrides,
});
