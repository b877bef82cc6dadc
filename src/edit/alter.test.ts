import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../lib/byte-writer.ts';
import { fullShape } from '../record/full-shape.ts';
import { jsonWriter } from '../record/json/write.ts';
import { slotOf } from '../record/slots.ts';
import { aRecord } from '../record/testing.ts';
import { alteration } from './alter.ts';
import type { Step } from './step.ts';

const broken: Step = () => {
  throw new Error('an error of ours');
};

describe.each(['msgpack', 'protobuf'] as const)(
  'an error of ours with a record in %s',
  (encoding) => {
    const call = aRecord(
      { alias: 'secret', raw_request: 'secret', path: '/secret', response_code: 503 },
      { encoding },
    );

    it('leaves what no caller wrote, where something was to be redacted', () => {
      const whole: string[] = [];
      const news = {
        redacted: () => undefined,
        redactedWhole: (reason: string) => whole.push(reason),
      };
      const alter = alteration({ enrich: undefined, redact: broken, isSampled: false, news });
      const left = alter(call);
      const out = new ByteWriter();
      jsonWriter(fullShape)(left, out);
      expect(out.view().toString()).not.toContain('secret');
      expect(Buffer.from(left.bytes).toString('latin1')).not.toContain('secret');
      expect(JSON.parse(out.view().toString())).toMatchObject({
        ...{ response_code: 503, api_id: 'api-pets', org_id: 'org-alpha', request_time: 12 },
        ...{ timestamp: '2024-03-10T22:22:00Z', latency: { total: 12, upstream: 10 } },
      });
      expect(whole).toEqual(['error']);
    });

    it('leaves the record as it is, where nothing was', () => {
      const news = { redacted: () => undefined, redactedWhole: () => undefined };
      const parts = { redact: undefined, isSampled: true, news };
      expect(alteration({ ...parts, enrich: broken })(call, 2)).toBe(call);
    });

    it('forgets what a step had set before it failed', () => {
      const news = { redacted: () => undefined, redactedWhole: () => undefined };
      let turns = 0;
      const enrich: Step = (_, draft) => {
        turns += 1;
        if (turns > 1) return;
        draft.setText(slotOf.alias, Buffer.from('half'));
        throw new Error('an error of ours');
      };
      const alter = alteration({ enrich, redact: undefined, isSampled: false, news });
      expect(alter(call)).toBe(call);
      expect(alter(call)).toBe(call);
    });
  },
);
