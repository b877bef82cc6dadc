import type { IntegerField, PointValue, TextField } from '#pump';
import { groupingIntegers, groupingTexts } from '../grouping/fields.ts';

const text = (field: TextField): PointValue => ({ form: 'text', field });
const integer = (field: IntegerField): PointValue => ({ form: 'integer', field });

const each = <Field>(
  fields: Readonly<Record<string, Field>>,
  value: (field: Field) => PointValue,
): Readonly<Record<string, PointValue>> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, value(field)]));

/** What tags and fields may be named (tyk-pump.md, "influx and influx2"); what Tyk Pump does not know comes last. */
export const pointValues: Readonly<Record<string, PointValue>> = {
  method: text('method'),
  path: text('path'),
  response_code: integer('response_code'),
  api_key: text('api_key'),
  time_stamp: { form: 'time', field: 'timestamp' },
  api_version: text('api_version'),
  api_name: text('api_name'),
  api_id: text('api_id'),
  org_id: text('org_id'),
  oauth_id: text('oauth_id'),
  raw_request: text('raw_request'),
  request_time: integer('request_time'),
  raw_response: text('raw_response'),
  ip_address: text('ip_address'),
  ...each(groupingTexts, text),
  ...each(groupingIntegers, integer),
};

/** What version 2 has besides (tyk-pump.md, "influx and influx2"). */
export const pointLatencies: Readonly<Record<string, PointValue>> = {
  total_latency: integer('latency.total'),
  upstream_latency: integer('latency.upstream'),
};

type Values = Readonly<Record<string, PointValue>>;

/** The columns of these names; names nobody knows are there too. */
export const columnsOf = (names: readonly string[], known: Values): Values =>
  Object.fromEntries(
    names.map((name) => [
      name,
      (Object.hasOwn(known, name) ? known[name] : undefined) ?? { form: 'unknown' },
    ]),
  );

type Known = Readonly<Record<string, unknown>>;

export const unknownNames = (names: readonly string[], known: Known): readonly string[] =>
  names.filter((name) => !Object.hasOwn(known, name));

export const isAnyKnown = (names: readonly string[], known: Known): boolean =>
  names.some((name) => Object.hasOwn(known, name));
