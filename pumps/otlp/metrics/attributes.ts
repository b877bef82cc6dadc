import {
  type AnalyticsRecord,
  ByteWriter,
  type IntegerField,
  integerReader,
  type TextField,
  TextMemo,
} from '#pump';
import { addressOf, methodOf } from '../logs/http-values.ts';
import { keyOf, putFlag, putInteger, putText } from '../value.ts';

/** Of a data point of a histogram. */
const attributesField = 9;

/** One attribute of a record. */
export interface Label {
  /** Differs where the value does, and ends where it says. */
  readonly id: string;
  /** As it stands in a data point; empty: left out. */
  readonly bytes: Buffer;
}

export type ReadLabel = (record: AnalyticsRecord) => Label;

/** Gives the label under that name: a name of the conventions, or our own. */
type Source = (name: string) => ReadLabel;

const sources: Readonly<Record<string, Source>> = {
  'http.request.method': text('method', methodOf),
  'http.response.status_code': number('response_code'),
  'http.route': text('path_template'),
  'error.type': errorType,
  'server.address': text('host', addressOf),
  'user_agent.name': text('client.browser'),
  'user_agent.os.name': text('client.os'),
  'geo.country.iso_code': text('geo.country.iso_code'),
  'tyk.listen_path': text('listen_path'),
  'tyk.api.id': text('api_id'),
  'tyk.api.name': text('api_name'),
  'tyk.api.version': text('api_version'),
  'tyk.org.id': text('org_id'),
  'tyk.oauth.id': text('oauth_id'),
  'tyk.api.key': text('api_key'),
  'tyk.alias': text('alias'),
  'tyk.mcp.method': text('mcp_stats.jsonrpc_method'),
  'tyk.mcp.primitive.type': text('mcp_stats.primitive_type'),
  'tyk.mcp.primitive.name': text('mcp_stats.primitive_name'),
};

export const attributeNames: readonly string[] = Object.keys(sources);

/** Made once when the pump opens. What is no name was refused at the start. */
export const labelsOf = (names: readonly string[]): readonly ReadLabel[] =>
  names.flatMap((name) => {
    const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
    return source === undefined ? [] : [source(name)];
  });

/** Of the series that all others go to. */
export const overflowLabel: Buffer = written((out) =>
  putFlag(out, keyOf(attributesField, 'otel.metric.overflow'), true),
);

/** That says always the same. */
export function fixedLabel(name: string, value: string): Label {
  const key = keyOf(attributesField, name);
  return { id: '', bytes: written((out) => putText(out, key, Buffer.from(value))) };
}

const nothing: Label = { id: '0:', bytes: Buffer.alloc(0) };

/** What it makes of a text is remembered. */
function text(field: TextField, make: (recorded: string) => string = (same) => same): Source {
  return (name) => {
    const key = keyOf(attributesField, name);
    const memo = new TextMemo<Label>({
      field,
      make(record) {
        const value = make(record.text(field));
        if (value === '') return nothing;
        const bytes = written((out) => putText(out, key, Buffer.from(value)));
        return { id: `${value.length}:${value}`, bytes };
      },
    });
    return (record) => memo.of(record);
  };
}

const mostStatuses = 1_000;

function number(field: IntegerField): Source {
  return (name) => {
    const key = keyOf(attributesField, name);
    return ofStatus(field, (value) => written((out) => putInteger(out, key, value)));
  };
}

/** The conventions' own: which status it failed with. Of those who were asked wrongly, it is no error. */
function errorType(name: string): ReadLabel {
  const key = keyOf(attributesField, name);
  return ofStatus('response_code', (status) =>
    status >= 500
      ? written((out) => putText(out, key, Buffer.from(String(status))))
      : nothing.bytes,
  );
}

function ofStatus(field: IntegerField, make: (value: number | bigint) => Buffer): ReadLabel {
  const read = integerReader(field);
  const known = new Map<number | bigint, Label>();
  return (record) => {
    const value = read(record);
    const found = known.get(value);
    if (found !== undefined) return found;
    const label = { id: `${value};`, bytes: make(value) };
    if (known.size < mostStatuses) known.set(value, label);
    return label;
  };
}

function written(write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter(128);
  write(out);
  return out.take();
}
