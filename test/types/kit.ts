/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unused-expressions,
   @typescript-eslint/no-unsafe-class-instance-assignment -- every line here is a mistake on purpose */
/** Misuse of the kit that the compiler must refuse: `tsc` fails where one of these lines stops being an error. */
import {
  Batch,
  bytes,
  choice,
  Delivery,
  definePump,
  delivered,
  type Limits,
  type Millis,
  millis,
  type OptionsOf,
  type PreparedPump,
  type Pump,
  type PumpContext,
  reject,
  retry,
  type Sink,
  secret,
  text,
  type Verdict,
} from '#pump';

declare const batch: Batch;
declare const pump: Pump;
declare const prepared: PreparedPump;
declare const context: PumpContext;
declare const signal: AbortSignal;
declare const sink: Sink;

const declared = {
  address: text({ doc: 'Where to.', default: 'localhost' }),
  protocol: choice(['udp', 'tcp'], { doc: 'How.', default: 'udp' }),
  token: secret({ doc: 'Who.' }),
};
declare const options: OptionsOf<typeof declared>;

// A delivery cannot be forged, nor made without saying what became of each record.
// @ts-expect-error -- its constructor is private
new Delivery([delivered()]);
// @ts-expect-error -- a look-alike is no Delivery
const forged: Delivery = { verdicts: [delivered()] };
// @ts-expect-error -- the judge must judge
Delivery.each(batch, () => undefined);
// @ts-expect-error -- no verdicts without a batch
Delivery.whole([delivered()]);

// A batch cannot be forged, be empty or be changed.
// @ts-expect-error -- its constructor is private
new Batch([]);
// @ts-expect-error -- a look-alike is no Batch
const lookAlike: Batch = { entries: batch.entries, size: 1, [Symbol.iterator]: () => [].values() };
// @ts-expect-error -- entries are read-only
batch.entries.push(batch.entries[0]);
// @ts-expect-error -- so is a record
batch.entries[0].record.bytes = new Uint8Array();
// @ts-expect-error -- an id is made by the service
batch.entries[0].id = 'a:1';

// A failure is one of a closed list and has words.
// @ts-expect-error -- unknown kind
retry({ kind: 'sad', message: 'no' });
// @ts-expect-error -- no words
reject({ kind: 'invalid' });
// @ts-expect-error -- no such outcome
const lost: Verdict = { outcome: 'lost' };
// @ts-expect-error -- a bare number is no duration
retry({ kind: 'throttled', message: 'slow down' }, 5);

// Options are what was declared and checked.
// @ts-expect-error -- not declared
options.colour;
// @ts-expect-error -- not one of the choices
const wrongChoice: 'sctp' = options.protocol;
// @ts-expect-error -- a secret is no text
const shown: string = options.token;
// @ts-expect-error -- only a prepared pump can be opened
await pump.open(context, signal);
// @ts-expect-error -- it was given its options when it was prepared
await prepared.open({ address: 'elsewhere' }, context, signal);
// @ts-expect-error -- without a sentence for the README
text({ default: '' });

// A sink is whole, and gives what it was asked for.
// @ts-expect-error -- no check, no close
const half: Sink = { deliver: (given) => Promise.resolve(Delivery.whole(given, delivered())) };
// @ts-expect-error -- a count is no delivery
const counting: Sink = { ...sink, deliver: (given) => Promise.resolve(given.size) };
// @ts-expect-error -- every wait can be aborted
await sink.deliver(batch);
// @ts-expect-error -- what a repeat does must be said
definePump({
  type: 'x',
  title: 'X',
  summary: 'X.',
  options: {},
  limits: { records: 1, bytes: bytes(1), age: millis(1), inFlight: 1 },
  guarantee: 'at-least-once',
  open: () => Promise.resolve(sink),
});

// Units do not mix.
// @ts-expect-error -- bytes are no milliseconds
const age: Millis = bytes(1);
// @ts-expect-error -- a bare number has no unit
const limits: Limits = { records: 1, bytes: 1, age: millis(1), inFlight: 1 };

export const unused = [
  declared,
  forged,
  lookAlike,
  lost,
  wrongChoice,
  shown,
  half,
  counting,
  age,
  limits,
] as const;
