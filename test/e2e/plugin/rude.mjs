// A pump in plain JavaScript, written without a compiler: a file says how it behaves at each delivery.
import { appendFileSync, readFileSync } from 'node:fs';
import {
  Batch,
  ByteWriter,
  bytes,
  Delivery,
  definePump,
  delivered,
  fullShape,
  millis,
  text,
  writeJson,
} from 'sluice/pump';

export default definePump({
  apiVersion: 1,
  type: 'rude',
  title: 'Rude Pump',
  summary: 'Behaves as a file says.',
  options: {
    out: text({ doc: 'File for records.' }),
    how: text({ doc: 'File that says how it behaves.' }),
  },
  limits: { records: 100, bytes: bytes(1_000_000), age: millis(0), inFlight: 1 },
  repeats: 'stored-twice',
  guarantee: 'at-least-once',
  open: ({ out, how }) =>
    Promise.resolve({
      async deliver(batch) {
        // Of the service's own class, or this would be another copy of the kit.
        if (!(batch instanceof Batch)) return undefined;
        const lines = new ByteWriter();
        switch (readFileSync(how, 'utf8')) {
          case 'look-alike':
            return { size: batch.size, verdicts: [] };
          case 'unknown outcome':
            return Delivery.whole(batch, { outcome: 'stored' });
          case 'hang':
            return new Promise(() => undefined);
          case 'throw out of turn':
            setImmediate(() => {
              throw new Error('out of turn');
            });
            return new Promise(() => undefined);
          default:
            for (const { record } of batch) {
              writeJson(fullShape, record, lines);
              lines.ascii('\n');
            }
            appendFileSync(out, lines.take());
            return Delivery.whole(batch, delivered());
        }
      },
      check: () => Promise.resolve({ state: 'up' }),
      close: () => Promise.resolve(),
    }),
});
