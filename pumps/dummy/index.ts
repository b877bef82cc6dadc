import { bytes, Delivery, definePump, delivered, millis } from '#pump';

/** The smallest pump there is: a sink is three functions. Copy `stdout` for a real one. */
export default definePump({
  type: 'dummy',
  title: 'Dummy Pump',
  summary: 'Counts records in the log and drops them, to try out a configuration.',
  options: {},
  limits: { records: 10_000, bytes: bytes(16 * 1024 * 1024), age: millis(1_000), inFlight: 1 },
  repeats: 'counted-twice',
  guarantee: 'at-least-once',
  open(_, context) {
    return Promise.resolve({
      deliver(batch) {
        context.log.info({ records: batch.size }, 'Records counted and dropped.');
        return Promise.resolve(Delivery.whole(batch, delivered()));
      },
      check: () => Promise.resolve({ state: 'up' }),
      close: () => Promise.resolve(),
    });
  },
});
