import { type AnalyticsRecord, type ByteWriter, jsonWriter, type Millis, type Shape } from '#pump';
import { writeMap } from './encode.ts';
import { headerName, timestampOf, writeStructured } from './rfc5424.ts';
import type { Settings } from './settings.ts';

/** Who sends. */
export interface Sender {
  readonly hostname: string;
  readonly processId: number;
}

/** Writes one message, without what separates it from the next. */
export type MessageWriter = (record: AnalyticsRecord, now: Millis, out: ByteWriter) => void;

export function createMessageWriter(
  settings: Settings,
  sender: Sender,
  document: Shape,
): MessageWriter {
  return settings.format === 'rfc5424'
    ? newer(settings, sender)
    : older(settings, sender, document);
}

/** `<PRI>TIME HOST TAG[PID]: …` with the local time of writing, as Go's library writes it. */
function older(
  { priority, tag, format, framing }: Settings,
  sender: Sender,
  document: Shape,
): MessageWriter {
  const after = ` ${sender.hostname} ${tag}[${sender.processId}]: `;
  const writeBody = format === 'json' ? jsonWriter(document) : writeMap;
  // Go's library ends every message with a line end; in a stream that is the separator.
  const end = framing === 'datagram' ? '\n' : '';
  return (record, now, out) => {
    out.utf8(`<${priority}>${localTime(now)}${after}`);
    writeBody(record, out);
    out.ascii(end);
  };
}

/** `<PRI>1 TIME HOST APP-NAME PROCID MSGID STRUCTURED-DATA MSG` with the record's own time (RFC 5424, 6). */
function newer({ priority, tag, structuredDataId }: Settings, sender: Sender): MessageWriter {
  const host = headerName(sender.hostname, 255);
  const after = ` ${host} ${headerName(tag, 48)} ${sender.processId} - `;
  return (record, _, out) => {
    out.ascii(`<${priority}>1 ${timestampOf(record)}${after}`);
    writeStructured(structuredDataId, record, out);
  };
}

let lastSecond = Number.NaN;
let lastTime = '';

/** RFC 3339 in the machine's zone, in whole seconds. */
export function localTime(now: Millis): string {
  const second = Math.floor(now / 1_000);
  if (second === lastSecond) return lastTime;
  const offset = -new Date(now).getTimezoneOffset();
  const shifted = new Date((second + offset * 60) * 1_000).toISOString().slice(0, 19);
  lastSecond = second;
  lastTime = `${shifted}${zoneText(offset)}`;
  return lastTime;
}

function zoneText(offset: number): string {
  if (offset === 0) return 'Z';
  const minutes = Math.abs(offset);
  const pair = (value: number): string => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${pair(Math.floor(minutes / 60))}:${pair(minutes % 60)}`;
}
