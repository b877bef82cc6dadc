import type { ByteWriter } from '../../lib/byte-writer.ts';
import { writeGraphError, writeJsonList, writeJsonMap, writeJsonTexts } from '../json/value.ts';
import type { AnalyticsRecord } from '../record.ts';
import { slotOf } from '../slots.ts';
import { spanned } from '../span.ts';
import { writeJsonString } from '../write/json-text.ts';
import type { CopyValue } from './value.ts';

export type JsonValue = Extract<
  CopyValue,
  { readonly form: 'list' | 'city-names' | 'graph-types' | 'graph-errors' }
>;

/** What stands for Go's nil, also within: databases have no null in lists and maps. */
export const nilOf = ({ form }: JsonValue): string =>
  form === 'list' || form === 'graph-errors' ? '[]' : '{}';

/** A list or a map as JSON, as it stands in a text of a database. */
export function writeSqlJson(value: JsonValue, record: AnalyticsRecord, out: ByteWriter): void {
  switch (value.form) {
    case 'list': {
      const texts = spanned(record).spans(slotOf[value.field]);
      if (texts === undefined) out.ascii(nilOf(value));
      else writeJsonTexts(out, texts);
      return;
    }
    case 'city-names':
      writeJsonMap(out, record.cityNames() ?? new Map<string, string>(), (name) =>
        writeJsonString(out, name),
      );
      return;
    case 'graph-types':
      writeJsonMap(
        out,
        record.graphTypes() ?? new Map<string, readonly string[] | null>(),
        (fields) => writeJsonList(out, fields ?? [], (field) => writeJsonString(out, field)),
      );
      return;
    case 'graph-errors':
      writeJsonList(out, record.graphErrors() ?? [], ({ message, path }) =>
        writeGraphError(out, { message, path: path ?? [] }),
      );
      return;
  }
  return value satisfies never;
}
