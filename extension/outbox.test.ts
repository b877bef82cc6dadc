import { expect, it } from 'vitest';
import { type Counts, Outbox, type Post } from './outbox.ts';

type Answer = Awaited<ReturnType<Post>>;

/** An outbox whose time passes at once; `answers` one for each batch, and the last one again. Undefined: nobody answers. */
function anOutbox(answers: readonly (Answer | undefined)[]) {
  const posted: string[][] = [];
  const pauses: number[] = [];
  let counts: Counts | undefined;
  const outbox = new Outbox({
    post(body) {
      const answer = answers[Math.min(posted.length, answers.length - 1)];
      posted.push(body.trimEnd().split('\n'));
      return answer === undefined ? Promise.reject(new Error('none')) : Promise.resolve(answer);
    },
    wait(milliseconds) {
      pauses.push(milliseconds);
      return Promise.resolve();
    },
    changed(now) {
      counts = now;
    },
  });
  /** Once nothing is under way. */
  const settled = async (): Promise<Counts | undefined> => {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    return counts;
  };
  return { outbox, posted, pauses, settled };
}

const taken = (imported: number, status = 200): Answer => ({ status, body: { imported } });

it('sends in batches, in their order', async () => {
  const { outbox, posted, settled } = anOutbox([taken(100), taken(50)]);
  const entries = Array.from({ length: 150 }, (_, at) => `{"n":${at}}`);
  for (const entry of entries) outbox.add(entry);

  expect(await settled()).toMatchObject({ sent: 150, waiting: 0, trouble: '' });
  expect(posted.map(({ length }) => length)).toEqual([100, 50]);
  expect(posted.flat()).toEqual(entries);
});

it('tries again, ever later, where nobody answers or somebody cannot, and sends nothing out of order', async () => {
  const { outbox, posted, pauses, settled } = anOutbox([
    undefined,
    { status: 503, body: {} },
    taken(2),
  ]);
  outbox.add('1');
  outbox.add('2');

  expect(await settled()).toMatchObject({ sent: 2, refused: 0, waiting: 0, trouble: '' });
  expect(posted).toEqual([
    ['1', '2'],
    ['1', '2'],
    ['1', '2'],
  ]);
  expect(pauses).toEqual([300, 1000, 2000]);
});

it.each<[string, Answer, Partial<Counts>]>([
  [
    'refused',
    { status: 401, body: { error: 'no token' } },
    { sent: 0, refused: 2, trouble: 'refused with 401: no token' },
  ],
  ['taken in part', taken(1), { sent: 1, refused: 1, trouble: '' }],
  ['not yet written', taken(2, 202), { sent: 0, unconfirmed: 2, refused: 0 }],
  [
    'answered by somebody else',
    { status: 200, body: undefined },
    { sent: 0, refused: 2, trouble: 'refused with 200' },
  ],
])('counts what was %s as that', async (_, answer, expected) => {
  const { outbox, settled } = anOutbox([answer]);
  outbox.add('1');
  outbox.add('2');

  expect(await settled()).toMatchObject({ ...expected, waiting: 0 });
});

it('drops the oldest at its bounds, and what waits where it is switched off', async () => {
  const held = new Outbox({
    post: () => Promise.reject(new Error('none')),
    wait: () => new Promise(() => undefined),
    changed(now) {
      counts = now;
    },
  });
  let counts: Counts | undefined;
  for (let number = 0; number < 1001; number++) held.add('x');
  expect(counts).toMatchObject({ waiting: 1000, dropped: 1 });
  held.add('y'.repeat(16 * 1024 * 1024));
  expect(counts).toMatchObject({ waiting: 1, dropped: 1001 });

  held.clear();

  expect(counts).toMatchObject({ waiting: 0, dropped: 1002 });
  const { outbox, posted, settled } = anOutbox([taken(0)]);
  outbox.add('z');
  outbox.clear();
  await settled();
  expect(posted).toEqual([]);
});

it('sends nothing later of a batch that was under way when it was switched off', async () => {
  const posted: string[] = [];
  let fail = (): void => undefined;
  let counts: Counts | undefined;
  const outbox = new Outbox({
    post(body) {
      posted.push(body);
      return new Promise((_, reject) => {
        fail = () => reject(new Error('none'));
      });
    },
    wait: () => Promise.resolve(),
    changed(now) {
      counts = now;
    },
  });
  const turn = () =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });
  outbox.add('old');
  await turn();

  outbox.clear();
  outbox.add('new');
  fail();
  await turn();

  expect(posted).toEqual(['old\n', 'new\n']);
  expect(counts).toMatchObject({ dropped: 1, sent: 0, refused: 0 });
});
