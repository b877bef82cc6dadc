import {
  type AnalyticsRecord,
  type ByteWriter,
  goTimeText,
  type Shape,
  type ShapeEntry,
  type TextField,
} from '#pump';

/** Writes what a message says of a record. */
export type Body = (record: AnalyticsRecord, out: ByteWriter) => void;

/** The keys of all formats, in the order of their bytes (tyk-pump.md, "syslog"). */
export const keys: Shape = [
  text('alias'),
  text('api_id'),
  text('api_key'),
  text('api_name'),
  text('api_version'),
  { key: 'content_length', value: { form: 'integer', field: 'content_length' } },
  text('host'),
  text('ip_address'),
  text('method'),
  text('oauth_id'),
  text('org_id'),
  text('path'),
  text('raw_path'),
  text('raw_request'),
  text('raw_response'),
  { key: 'request_time_ms', value: { form: 'integer', field: 'request_time' } },
  { key: 'response_code', value: { form: 'integer', field: 'response_code' } },
  { key: 'timestamp', value: { form: 'time', field: 'timestamp' } },
  text('user_agent'),
];

function text(field: TextField): ShapeEntry {
  return { key: field, value: { form: 'text', field } };
}

/** Go's text of a map, printed as if it were a text: numbers show as formatting mistakes, which stay. */
export const writeMap: Body = (record, out) => {
  out.ascii('map[');
  for (const [index, { key, value }] of keys.entries()) {
    out.ascii(index === 0 ? `${key}:` : ` ${key}:`);
    if (value.form === 'integer') {
      const type = value.field === 'response_code' ? 'int' : 'int64';
      out.ascii(`%!s(${type}=${record.integer(value.field)})`);
    } else if (value.form === 'time') out.ascii(goTimeText(record.time(value.field)));
    else if (value.form === 'text') {
      const utf8 = record.utf8(value.field);
      if (key === 'raw_request' || key === 'raw_response') writeOnOneLine(utf8, out);
      else out.bytes(utf8);
    }
  }
  out.byte(0x5d);
};

const inLine = new Uint8Array(256).fill(1);
inLine[0x0a] = 0;

function writeOnOneLine(utf8: Uint8Array, out: ByteWriter): void {
  for (let at = 0; ; at++) {
    at = out.copyWhile(inLine, utf8, at, utf8.length);
    if (at >= utf8.length) return;
    out.ascii('\\n');
  }
}
