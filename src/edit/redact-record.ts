import type { RedactConfig } from '../config/record-rules.ts';
import { slotOf } from '../record/slots.ts';
import { compileRedaction } from './redact/rules.ts';
import { redactsSomething } from './redacts-something.ts';
import type { AlterParts, Step } from './step.ts';

/** Redaction as a step; undefined where nothing is to be redacted. */
export async function openRedaction(
  config: RedactConfig,
  { edits, news }: Pick<AlterParts, 'edits' | 'news'>,
): Promise<Step | undefined> {
  if (!redactsSomething(config)) return undefined;
  const redaction = await compileRedaction({ ...config, hashKey: config.hashKey?.reveal() });
  const empty = emptied(edits);
  return (record, draft) => {
    empty(record, draft);
    const { places, isFailed, reason } = redaction.redact(draft);
    if (places > 0) news.redacted(places);
    if (isFailed) news.redactedWhole(reason ?? 'error');
  };
}

const nothing = Buffer.alloc(0);

/** Empties what the pump does not get anyway, so that no secret is left in it, and none is looked for. */
function emptied({ omitDetailedRecording, ignoreFields }: AlterParts['edits']): Step {
  const slots = (['raw_request', 'raw_response'] as const)
    .filter((name) => omitDetailedRecording || ignoreFields.includes(name))
    .map((name) => slotOf[name]);
  return (_, draft) => {
    for (const slot of slots) {
      const { start, end } = draft.span(slot);
      if (end > start) draft.setText(slot, nothing);
    }
  };
}
