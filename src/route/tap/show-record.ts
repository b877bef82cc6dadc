/**
 * A record as somebody may see it on a terminal or a page, which are no sinks: what the route is about to send, and of that no
 * secret (docs/redaction.md, the preset `secrets`), whatever the route redacts itself. Of the key its last characters are left.
 */
import { noRules, type RecordRules, type RedactConfig } from '../../config/record-rules.ts';
import { Alike } from '../../edit/alike.ts';
import { type Alter, openAlterations } from '../../edit/alter.ts';
import { isMark } from '../../edit/redact/marks.ts';
import { ByteWriter } from '../../lib/byte-writer.ts';
import { mebibytes } from '../../lib/units.ts';
import { documentOf, documentRulesOf, valuesIn } from '../../pump/document.ts';
import type { Edit } from '../../record/edit.ts';
import { fullShape } from '../../record/full-shape.ts';
import { jsonWriter } from '../../record/json/write.ts';
import type { AnalyticsRecord, RecordKind } from '../../record/record.ts';
import type { Shape } from '../../record/shape.ts';
import { uptimeJson } from '../../record/uptime/json.ts';
import type { Item } from '../item.ts';
import { bodyText, decodedLength } from './body-text.ts';

/** What of a route decides how its records look. */
export interface TapRules {
  readonly records: RecordKind;
  readonly rules: RecordRules;
  /** Undefined: its pump declares none. */
  readonly document: Shape | undefined;
  readonly editAgain: Edit | undefined;
}

/** One line of JSON. */
export type ShowRecord = (item: Item) => string;

export interface TapTreatments {
  readonly calls: Alter;
  /** Without their payloads. */
  readonly callsAlone: Alter;
  readonly uptime: Alter;
}

/** Looking through longer ones takes a thread too long. */
const mostPayload = 256 * 1024;
const payloads = ['raw_request', 'raw_response'] as const;

const secrets: RedactConfig = {
  presets: ['secrets'],
  headers: [],
  query: [],
  cookies: [],
  json: [],
  forms: [],
  patterns: [],
  fields: [],
  // It may stand in tags and addresses, too.
  apiKey: 'mask',
  ip: 'keep',
  mode: 'mask',
  hashKey: undefined,
  compressed: 'redact',
  decodedBytes: mebibytes(1),
};

export async function tapTreatments(): Promise<TapTreatments> {
  const open = async (records: RecordKind, omitDetailedRecording: boolean): Promise<Alter> => {
    const alterations = await openAlterations(
      {
        records,
        rules: { ...noRules, redact: secrets },
        edits: { omitDetailedRecording, ignoreFields: [] },
        route: '',
        alike: new Alike(),
        news: { redacted: () => undefined, redactedWhole: () => undefined },
      },
      undefined,
    );
    if (alterations === undefined) throw new Error('secrets are redacted');
    return alterations.alter;
  };
  return {
    calls: await open('analytics', false),
    callsAlone: await open('analytics', true),
    uptime: await open('uptime', false),
  };
}

export function showerOf(
  rules: TapRules,
  { calls, callsAlone, uptime }: TapTreatments,
): ShowRecord {
  const { records, editAgain } = rules;
  if (records === 'uptime') return (item) => uptimeJson(uptime(copyOf(item)));
  const shape = shownShape(rules);
  const shownPayloads = payloads.filter((name) => shape.some(({ key }) => key === name));
  const write = jsonWriter(shape.filter(({ key }) => !payloads.some((name) => name === key)));
  return (item) => {
    const record = copyOf(item);
    const isLarge = payloadBytes(record) > mostPayload;
    const redacted = (isLarge ? callsAlone : calls)(record);
    const edited = editAgain?.(redacted) ?? redacted;
    const out = new ByteWriter();
    write(edited, out);
    const shown = JSON.parse(out.view().toString()) as Record<string, unknown>;
    if (Object.hasOwn(shown, 'api_key')) shown['api_key'] = keyHint(item.record.text('api_key'));
    for (const name of shownPayloads) {
      // Of one that was left out, as long as it is in the record that the sink gets.
      const { text, bytes } = isLarge
        ? { text: null, bytes: decodedLength(item.record.utf8(name)) }
        : bodyText(edited.utf8(name));
      shown[name] = text;
      shown[`${name}_bytes`] = bytes;
    }
    return JSON.stringify(shown);
  };
}

/** Over bytes of its own, without what Tyk's own options leave out: that is done once more, last of all. */
function copyOf({ origin, record }: Item): AnalyticsRecord {
  const copy = origin.list.decoder.decode([record.bytes]).record(0);
  if (copy === undefined) throw new Error('a record that was read can be read');
  return copy;
}

const payloadBytes = (record: AnalyticsRecord): number =>
  payloads.reduce((sum, name) => sum + record.utf8(name).length, 0);

/** The whole record by the names of the gateway, without what `fields` keeps from the sink. */
function shownShape({ rules, document }: TapRules): Shape {
  const wanted = documentRulesOf(rules);
  const { fields } = wanted;
  if (fields === undefined) return documentOf(fullShape, wanted);
  const own = document ?? fullShape;
  const kept = fieldsIn(documentOf(own, wanted));
  const left = [...fieldsIn(documentOf(own, { ...wanted, fields: undefined }))].filter(
    (name) => !kept.has(name),
  );
  const chosen = { ...fields, exclude: [...fields.exclude, ...left], rename: {}, constants: {} };
  return documentOf(fullShape, { ...wanted, fields: chosen });
}

const fieldsIn = (shape: Shape): ReadonlySet<string> =>
  new Set(valuesIn(shape).flatMap(({ fields }) => fields));

/** Enough to tell callers apart, and too little to be one. */
function keyHint(key: string): string {
  if (key === '' || isMark(key)) return key;
  return key.length < 12 ? '…' : `…${key.slice(-4)}`;
}
