import type { AnalyticsRecord } from '../../record/record.ts';
import { Draft } from '../../record/rewrite/draft.ts';
import { Rewriter } from '../../record/rewrite/rewriter.ts';
import { slotOf } from '../../record/slots.ts';
import { spanned } from '../../record/span.ts';
import { tapTreatments } from '../../route/tap/show-record.ts';
import { searchedMessage } from '../../traffic/message.ts';

export type Show = (record: AnalyticsRecord) => AnalyticsRecord;

/** Takes secrets out, as `sluice tap` does; as it is where the operator wants that. */
export async function redactorOf(isUnredacted: boolean): Promise<Show> {
  if (isUnredacted) return (record) => record;
  const { calls } = await tapTreatments();
  return calls;
}

/** With bodies without chunks and compression, and heads that say nothing of them: redaction looks into such bodies. */
export function plainBodies(): Show {
  const draft = new Draft();
  const rewriter = new Rewriter();
  return (record) => {
    draft.begin(record);
    for (const field of ['raw_request', 'raw_response'] as const) {
      const slot = slotOf[field];
      const { start, end } = spanned(record).span(slot);
      if (start === end) continue;
      const message = plainMessage(searchedMessage(spanned(record), slot));
      draft.setText(slot, Buffer.from(message.toString('base64')));
    }
    return draft.isChanged ? rewriter.rewrite(record, draft) : record;
  };
}

const codings = /^(?:content-encoding|transfer-encoding|content-length):.*\r\n/gim;

function plainMessage(message: Buffer): Buffer {
  const end = message.indexOf('\r\n\r\n');
  if (end < 0) return message;
  const head = message.toString('latin1', 0, end + 2);
  return Buffer.concat([
    Buffer.from(head.replace(codings, ''), 'latin1'),
    message.subarray(end + 2),
  ]);
}
