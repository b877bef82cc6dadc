import { type AnalyticsRecord, type ByteWriter, rfc3339 } from '#pump';
import { keys } from './encode.ts';

/** A record's own time, to the microsecond; RFC 5424 has four digits for a year. */
export function timestampOf(record: AnalyticsRecord): string {
  const time = rfc3339(record.time('timestamp')).replace(/(\.\d{6})\d+/, '$1');
  return /^\d{4}-/.test(time) ? time : '-';
}

/** One of the names in a header: printable ASCII without spaces, and short; `-` where there is none. */
export function headerName(text: string, longest: number): string {
  const name = text.replace(/[^!-~]/g, '_').slice(0, longest);
  return name === '' ? '-' : name;
}

/** `[id key="value" …] METHOD PATH CODE` */
export function writeStructured(id: string, record: AnalyticsRecord, out: ByteWriter): void {
  out.ascii(`[${id}`);
  for (const { key, value } of keys) {
    out.ascii(` ${key}="`);
    if (value.form === 'integer') out.ascii(String(record.integer(value.field)));
    else if (value.form === 'time') out.ascii(rfc3339(record.time(value.field)));
    else if (value.form === 'text') out.utf8(escaped(record.text(value.field)));
    out.byte(0x22);
  }
  out.utf8(`] ${record.text('method')} ${record.text('path')} ${record.integer('response_code')}`);
}

const escaped = (text: string): string => text.replace(/["\\\]]/g, (character) => `\\${character}`);
