import type { RedactConfig } from '../config/record-rules.ts';
import { ContractError } from '../lib/errors.ts';
import { encodeUptime, type UptimeFields } from '../record/encode/uptime.ts';
import type { AnalyticsRecord } from '../record/record.ts';
import { slotOf } from '../record/slots.ts';
import { type Span, spanned } from '../record/span.ts';
import { uptimeDecoder } from '../record/uptime/decoder.ts';
import { uptimeSlots } from '../record/uptime/layout.ts';
import { readUptime } from '../record/uptime/read.ts';
import type { Texts } from './redact/redaction.ts';
import { compileRedaction } from './redact/rules.ts';
import { redactsSomething } from './redacts-something.ts';
import type { AlterNews } from './step.ts';

/**
 * Redaction of uptime records, which hold an address that may carry a login or a token. They are few, so that one in which
 * something is found is written anew as a whole. Undefined where nothing is to be redacted.
 */
export async function openUptimeRedaction(
  config: RedactConfig,
  news: AlterNews,
): Promise<((record: AnalyticsRecord) => AnalyticsRecord) | undefined> {
  if (!redactsSomething(config)) return undefined;
  const redaction = await compileRedaction({ ...config, hashKey: config.hashKey?.reveal() });
  return (record) => {
    try {
      const texts = new UptimeTexts(record);
      const { places, isFailed, reason } = redaction.redact(texts);
      if (places > 0) news.redacted(places);
      if (isFailed) news.redactedWhole(reason ?? 'error');
      return texts.isChanged ? rewritten(record, texts) : record;
    } catch {
      news.redactedWhole('error');
      return rewritten(record, bare);
    }
  };
}

/** Where its texts stand in the eyes of rules: the address is the path of a call, and the id what a record is called. */
const fields = [
  [slotOf.path, uptimeSlots.url],
  [slotOf.alias, uptimeSlots.id],
  [slotOf.api_id, slotOf.api_id],
  [slotOf.org_id, slotOf.org_id],
] as const;

interface ReadText {
  text(slot: number): Buffer;
}

const redacted = Buffer.from('[redacted]');
const nothing = Buffer.alloc(0);

/** Of a record that cannot be redacted: nothing is left to read. */
const bare: ReadText = { text: (slot) => (slot === slotOf.path ? redacted : nothing) };

/** The texts of an uptime record as those of a call, and what becomes of them. */
class UptimeTexts implements Texts {
  readonly #texts: Map<number, Buffer>;
  isChanged = false;

  constructor(record: AnalyticsRecord) {
    const from = spanned(record);
    this.#texts = new Map(
      fields.map(([slot, own]) => {
        const { source, start, end } = from.span(own);
        return [slot, source.subarray(start, end)];
      }),
    );
  }

  text(slot: number): Buffer {
    return this.#texts.get(slot) ?? nothing;
  }

  span(slot: number): Span {
    const source = this.text(slot);
    return { source, start: 0, end: source.length };
  }

  setText(slot: number, utf8: Uint8Array): void {
    // Where everything is redacted, fields are too that these do not have.
    if (!this.#texts.has(slot)) return;
    this.#texts.set(slot, Buffer.from(utf8));
    this.isChanged = true;
  }

  spans(): undefined {
    return undefined;
  }

  setList(): void {
    // There is none.
  }

  errors(): null {
    return null;
  }

  setErrors(): void {
    // There are none.
  }
}

function rewritten(record: AnalyticsRecord, texts: ReadText): AnalyticsRecord {
  const read = readUptime(record);
  const said: UptimeFields = {
    id: texts.text(slotOf.alias),
    url: texts.text(slotOf.path),
    request_time: read.requestTime,
    response_code: read.responseCode,
    tcp_error: read.isTcpError,
    server_error: read.isServerError,
    day: read.day,
    month: read.month,
    year: read.year,
    hour: read.hour,
    minute: read.minute,
    timestamp: read.timestamp,
    expireAt: read.expireAt,
    api_id: texts.text(slotOf.api_id),
    org_id: texts.text(slotOf.org_id),
  };
  const anew = uptimeDecoder.decode([encodeUptime(said)]).record(0);
  if (anew === undefined) throw new ContractError('what was encoded can be decoded');
  return anew;
}
