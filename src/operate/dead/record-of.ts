import { decoders } from '../../record/decoders.ts';
import type { AnalyticsRecord, Decoder } from '../../record/record.ts';
import { uptimeDecoder } from '../../record/uptime/decoder.ts';
import { uptimeName } from '../../redis/keys.ts';
import type { DeadLetter } from '../../route/dead-letters/letter.ts';

export interface DecodedLetter {
  readonly decoder: Decoder;
  readonly record: AnalyticsRecord;
}

/** The record in a letter; undefined where there is none. */
export function recordOf({ list, encoding, bytes }: DeadLetter): DecodedLetter | undefined {
  const decoder = list.endsWith(uptimeName(''))
    ? uptimeDecoder
    : decoders.find(({ name }) => name === encoding);
  const record = decoder?.decode([bytes]).record(0);
  return decoder === undefined || record === undefined ? undefined : { decoder, record };
}
