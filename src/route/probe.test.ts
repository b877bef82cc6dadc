import { describe, expect, it } from 'vitest';
import { FakeClock, settled } from '../lib/fake-clock.testing.ts';
import { onAbort } from '../lib/waiting.ts';
import type { Health } from '../pump/sink.ts';
import { Probe } from './probe.ts';

const up: Health = { state: 'up' };
const noAnswer: Health = { state: 'down', reason: 'no answer within 3 s' };

/** A sink that answers when it is told, and knows how often it was asked. */
function bench(obeys = true) {
  const clock = new FakeClock();
  const heard: string[] = [];
  let questions = 0;
  let underWay = 0;
  let answer: (health: Health) => void = () => undefined;
  const probe = new Probe({
    clock,
    onAnswer: (health) => heard.push(health.state),
    check: async (signal) => {
      questions += 1;
      underWay += 1;
      try {
        return await new Promise<Health>((resolve, reject) => {
          answer = resolve;
          if (obeys) onAbort(signal, () => reject(signal.reason as Error));
        });
      } finally {
        underWay -= 1;
      }
    },
  });
  return {
    clock,
    probe,
    heard,
    questions: () => questions,
    underWay: () => underWay,
    answer: async (health: Health) => {
      answer(health);
      await settled();
    },
  };
}

describe('asking a sink how it is', () => {
  it('is one question for all who ask at once, and for those who ask soon after', async () => {
    const { clock, probe, questions, answer } = bench();
    const asked = Array.from({ length: 300 }, () => probe.ask());
    await answer(up);
    await clock.advance(1_999);
    asked.push(probe.ask());

    expect(new Set(await Promise.all(asked))).toEqual(new Set([up]));
    expect(questions()).toBe(1);
    await clock.advance(1);
    void probe.ask();
    expect(questions()).toBe(2);
  });

  it('ends after a while and says so, whatever the sink makes of the end', async () => {
    const { clock, probe, underWay } = bench();
    const answer = probe.answer();
    await clock.advance(3_000);

    expect(await answer).toEqual(noAnswer);
    expect(underWay()).toBe(0);
  });

  it('holds nobody up for long: what was known before is said meanwhile', async () => {
    const { clock, probe, answer } = bench();
    const first = probe.ask();
    await clock.advance(750);
    expect(await first).toEqual({ state: 'down', reason: 'no answer yet' });
    await answer(up);

    await clock.advance(10_000);
    const second = probe.ask();
    await clock.advance(750);
    expect(await second).toEqual(up);
    await clock.advance(2_250);
    expect(await probe.ask()).toEqual(noAnswer);
  });

  it('never has two questions under way, also where a sink does not obey its signal', async () => {
    const { clock, probe, questions, underWay, answer } = bench(false);
    void probe.ask();
    await clock.advance(10_000);
    expect(await probe.ask()).toEqual(noAnswer);
    await clock.advance(10_000);
    expect(await probe.ask()).toEqual(noAnswer);
    expect([questions(), underWay()]).toEqual([1, 1]);

    await answer(up);
    await clock.advance(10_000);
    const asked = probe.ask();
    await answer(up);
    expect(await asked).toEqual(up);
    expect(questions()).toBe(2);
  });

  it('says what went wrong where asking fails', async () => {
    const probe = new Probe({
      clock: new FakeClock(),
      check: () => Promise.reject(new Error('x')),
      onAnswer: () => undefined,
    });
    expect(await probe.ask()).toEqual({ state: 'down', reason: 'x' });
  });

  it('is given up when the sink is closed, and not begun again', async () => {
    const { probe, questions, underWay } = bench();
    const answer = probe.answer();
    await settled();
    probe.end();

    expect(await answer).toEqual({ state: 'down', reason: 'the sink is being closed' });
    await settled();
    await probe.answer();
    expect([questions(), underWay()]).toEqual([1, 0]);
  });

  it('goes on by itself, more often while the sink is down, and tells what it hears', async () => {
    const { clock, probe, questions, heard, answer } = bench();
    const over = new AbortController();
    const watching = probe.watch(over.signal);
    await answer(up);
    await clock.advance(29_999);
    expect(questions()).toBe(1);
    await clock.advance(1);
    expect(questions()).toBe(2);
    await answer({ state: 'down', reason: 'refused' });
    await clock.advance(5_000);
    await answer(up);
    over.abort();
    await watching;

    expect(questions()).toBe(3);
    expect(heard).toEqual(['up', 'down', 'up']);
  });
});
