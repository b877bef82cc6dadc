import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScriptedConnection } from './connection.testing.ts';
import { type Frame, flags } from './frames.testing.ts';
import { inspect, textOf } from './packets.testing.ts';

const request = (path: string, body = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const answer = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** What the calls said, without their times. */
const said = (frames: readonly Frame[], wishes = {}) =>
  inspect(frames, wishes).exchanges.map(({ request: asked, response, error }) => [
    ...[asked.target, textOf(asked.body), response?.status, textOf(response?.body), error?.kind],
  ]);

const call = (connection: ScriptedConnection, path: string, body = 'question', reply = 'answer') =>
  connection.say('client', request(path, body)).say('server', answer(reply));

describe('segments', () => {
  it('give the same calls in any order, split anywhere, and more than once', () => {
    const calls = fc.array(
      fc.record({ asked: fc.string({ maxLength: 300 }), replied: fc.string({ maxLength: 300 }) }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(
        ...([
          calls,
          fc.integer({ min: 1, max: 200 }),
          fc.integer(),
          fc.integer({ min: 0, max: 0xffffffff }),
        ] as const),
        (bodies, segmentSize, seed, sequence) => {
          const connection = new ScriptedConnection({
            segmentSize,
            sequences: [sequence, sequence ^ 0x7fffffff],
          }).open();
          for (const [index, { asked, replied }] of bodies.entries())
            call(connection, `/${index}`, latin(asked), latin(replied));
          const inOrder = said(connection.frames);
          const [opening, rest] = [connection.frames.slice(0, 3), connection.frames.slice(3)];

          expect(inOrder).toHaveLength(bodies.length);
          expect(said([...opening, ...shuffled(rest, seed)])).toEqual(inOrder);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('wrap around with their numbers', () => {
    const connection = new ScriptedConnection({
      sequences: [0xfffffff0, 0xffffffff],
      segmentSize: 5,
    }).open();
    call(call(connection, '/1'), '/2').close();

    expect(said(connection.frames)).toEqual([
      ['/1', 'question', 200, 'answer', undefined],
      ['/2', 'question', 200, 'answer', undefined],
    ]);
  });

  it('that say something else when they come again change nothing, and are counted', () => {
    const connection = new ScriptedConnection()
      .open()
      .say('client', request('/1', 'first'), { isConfirmed: false });
    const length = request('/1', 'first').length;
    connection.add('client', flags.ack, Buffer.from(request('/1', 'other')), length);
    connection.say('server', answer('x'));

    expect(said(connection.frames)).toEqual([['/1', 'first', 200, 'x', undefined]]);
    const { metrics } = inspect(connection.frames);
    expect(metrics.of('sluice_capture_packets_conflicts_total')).toBe(1);
  });

  it('that come again behind the end of their side say nothing else', () => {
    const asked = request('/1', 'first');
    const connection = new ScriptedConnection().open().say('client', asked).finish('client');
    connection.add('client', flags.ack, Buffer.from(asked), asked.length + 1);
    connection.add('client', flags.ack, Buffer.from(`${asked}and more`), asked.length + 1);
    connection.say('server', answer('x'));

    const { metrics } = inspect(connection.frames);
    expect(metrics.of('sluice_capture_packets_conflicts_total')).toBe(0);
    connection.add('client', flags.ack, Buffer.from(request('/1', 'other')), asked.length + 1);
    const { metrics: after } = inspect(connection.frames);
    expect(after.of('sluice_capture_packets_conflicts_total')).toBe(1);
    expect(said(connection.frames)).toEqual([['/1', 'first', 200, 'x', undefined]]);
  });

  it('that stand behind the end of their side were never said', () => {
    const connection = call(new ScriptedConnection().open(), '/1').lose('client', 1);
    const beyond = request('/2');
    connection.say('client', beyond, { isConfirmed: false });
    connection.add('client', flags.fin | flags.ack, undefined, beyond.length + 1).wait(200);
    connection.add('client', flags.ack, undefined, beyond.length).finish('server');

    expect(said(connection.frames)).toEqual([['/1', 'question', 200, 'answer', undefined]]);
  });

  it.each([0, 1, 4, 1023, 1024, 3000])(
    'that stand half of all numbers away change nothing, with %i bytes there before',
    (length) => {
      const asked = request('/1', 'x'.repeat(length));
      for (const off of [-1, 0, 1]) {
        const connection = new ScriptedConnection().open().say('client', asked);
        const far = (0x80000000 + off) >>> 0;
        connection.add('client', flags.ack, Buffer.from('from somebody else!'), far);
        connection.say('server', answer('x'));
        call(connection, '/2').close();

        expect(said(connection.frames)).toEqual([
          ['/1', 'x'.repeat(length), 200, 'x', undefined],
          ['/2', 'question', 200, 'answer', undefined],
        ]);
      }
    },
  );

  it('that overlap what waits behind a hole: what was there first stays', () => {
    const whole = request('/1', 'abcdefgh');
    const connection = new ScriptedConnection().open();
    const body = whole.length - 8;
    // The tail first, then something that claims all of the body, then the head.
    connection.lose('client', whole.length);
    connection.add('client', flags.ack, Buffer.from('efgh'), 4);
    connection.add('client', flags.ack, Buffer.from('abcdXXXX'), 8);
    connection.add('client', flags.ack, Buffer.from(whole.slice(0, body)), whole.length);
    connection.say('server', answer('x'));

    expect(said(connection.frames)).toEqual([['/1', 'abcdefgh', 200, 'x', undefined]]);
  });

  it('that come a little more than their successors are joined', () => {
    const whole = request('/1', 'abcdefgh');
    const connection = new ScriptedConnection().open().say('client', whole, { isConfirmed: false });
    connection.add('client', flags.ack, Buffer.from('ghIJ'), 2);
    connection.lose('client', 2);
    connection.say('server', answer('x'));

    expect(said(connection.frames)[0]).toEqual(['/1', 'abcdefgh', 200, 'x', undefined]);
  });
});

describe('what was not captured', () => {
  it('leaves a body shorter, and its length right', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n';
    const connection = new ScriptedConnection().open().say('client', request('/1'));
    connection.say('server', `${head}0123456789`).lose('server', 10).wait(10);
    connection.say('server', 'abcdefghij').wait(200);
    call(connection, '/2');

    const { exchanges, metrics } = inspect(connection.frames);
    expect(exchanges.map(({ request: { target } }) => target)).toEqual(['/1', '/2']);
    expect(exchanges[0]?.response?.body.length).toBe(30);
    expect(textOf(exchanges[0]?.response?.body)).toBe('0123456789');
    expect(exchanges[0]?.error).toBeUndefined();
    expect(metrics.of('sluice_capture_packets_lost_total', 'gap')).toBe(1);
  });

  it('ends the calls under way, and the next ones are read', () => {
    const connection = new ScriptedConnection().open().say('client', request('/1'));
    connection.lose('server', answer('lost').length).wait(10);
    connection.add('client', flags.ack).wait(200).add('client', flags.ack);
    call(call(connection, '/2'), '/3').close();

    expect(said(connection.frames)).toEqual([
      ['/1', '', undefined, '', 'unseen'],
      ['/2', 'question', 200, 'answer', undefined],
      ['/3', 'question', 200, 'answer', undefined],
    ]);
  });

  it('does not make a call out of one request and the answer to another', () => {
    const connection = new ScriptedConnection().open();
    connection.lose('client', request('/1').length).wait(1);
    connection.say('server', answer('one')).wait(200);
    call(connection, '/2', '', 'two').close();

    const { exchanges, counters } = inspect(connection.frames);
    expect(
      exchanges.map(({ request: asked, response }) => [asked.target, textOf(response?.body)]),
    ).toEqual([['/2', 'two']]);
    expect(counters.capture.responsesWithoutRequest).toBe(1);
  });
});

describe('a connection', () => {
  it('that began before us is read from the next message on', () => {
    const connection = new ScriptedConnection();
    connection.say('client', 'the end of a body').say('server', answer('to something'));
    call(call(connection, '/1'), '/2');

    const { exchanges, counters } = inspect(connection.frames);
    expect(
      exchanges.map(({ request: { target }, response }) => [target, textOf(response?.body)]),
    ).toEqual([
      ['/1', 'answer'],
      ['/2', 'answer'],
    ]);
    expect(counters.capture.responsesWithoutRequest).toBe(1);
  });

  it('with the addresses of another is another one', () => {
    const first = call(new ScriptedConnection().open(), '/1');
    const second = call(
      new ScriptedConnection({ sequences: [77_000, 5], time: first.time + 1 }).open(),
      '/2',
    ).close();
    const third = call(
      new ScriptedConnection({ sequences: [88_000, 6], time: second.time + 1 }).open(),
      '/3',
    );

    expect(
      said([...first.frames, ...second.frames, ...third.frames]).map(([target]) => target),
    ).toEqual(['/1', '/2', '/3']);
  });

  it('of which one direction alone was captured says so in the counters', () => {
    const { frames } = call(call(new ScriptedConnection(), '/1'), '/2');
    const fromServer = frames.filter(({ bytes }) =>
      bytes.subarray(26, 30).equals(Buffer.from([10, 0, 0, 9])),
    );

    const { exchanges, counters } = inspect(fromServer);
    expect(exchanges).toEqual([]);
    expect(counters.capture.responsesWithoutRequest).toBe(2);
    expect(counters.before.ports['80']).toMatchObject({ httpRequests: 0, httpResponses: 2 });
  });

  it('that was silent longest goes when there are too many, and its call is told', () => {
    const all = Array.from({ length: 5 }, (_, index) =>
      new ScriptedConnection({
        client: { address: '10.0.0.7', port: 1000 + index },
        time: 1_796_119_200_000 + index * 10,
      })
        .open()
        .say('client', request(`/${index}`)),
    );
    const { exchanges, counters } = inspect(
      all.flatMap(({ frames }) => frames),
      { connections: 3 },
    );

    expect(exchanges.map(({ request: { target }, error }) => [target, error?.kind])).toEqual(
      ['/0', '/1', '/2', '/3', '/4'].map((target) => [target, 'unseen']),
    );
    expect(counters.capture.lost.evicted).toBe(2);
  });

  it('whose resets come from somewhere else goes on', () => {
    const connection = new ScriptedConnection().open().say('client', request('/1'));
    connection.add('server', flags.reset, undefined, 100_000).say('server', answer('still here'));

    expect(said(connection.frames)[0]?.[3]).toBe('still here');
  });
});

const latin = (text: string): string => Buffer.from(text).toString('latin1');

/** Each frame some places from where it was, and some of them twice. */
function shuffled(frames: readonly Frame[], seed: number): Frame[] {
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const copies = frames.flatMap((frame, index): [number, Frame][] =>
    random() < 0.2
      ? [
          [index, frame],
          [index, frame],
        ]
      : [[index, frame]],
  );
  return copies
    .map(([index, frame]) => ({ at: index + random() * 8, frame }))
    .sort((one, other) => one.at - other.at)
    .map(({ frame }) => frame);
}
