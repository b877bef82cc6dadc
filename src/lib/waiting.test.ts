import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { FakeClock } from './fake-clock.testing.ts';
import { millis } from './units.ts';
import {
  aborted,
  inTime,
  later,
  onAbort,
  pause,
  sharedAbort,
  unlessAborted,
  untilAborted,
  withDeadline,
} from './waiting.ts';

const second = millis(1000);
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
const never = new Promise<never>(() => undefined);
const stopped = new Error('stopped');

/** What each wait of a long-lived signal comes to, however it ends. */
const waits = {
  untilAborted: (work: Promise<string>, signal: AbortSignal) => untilAborted(work, signal),
  unlessAborted: (work: Promise<string>, signal: AbortSignal) => unlessAborted(work, '-', signal),
  withDeadline: (work: Promise<string>, signal: AbortSignal) =>
    withDeadline(() => work, { clock: new FakeClock(), after: second }, signal),
};

describe.each(Object.entries(waits))('%s', (_, wait) => {
  it('gives what the work gives, and leaves no listener', async () => {
    const { signal } = new AbortController();

    expect(await wait(Promise.resolve('done'), signal)).toBe('done');
    expect(listeners(signal)).toBe(0);
  });

  it('fails as the work fails, and leaves no listener', async () => {
    const { signal } = new AbortController();

    await expect(wait(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
    expect(listeners(signal)).toBe(0);
  });

  it.each(['before it begins', 'on the way'])('ends at an abort %s', async (when) => {
    const stop = new AbortController();
    if (when === 'before it begins') stop.abort(stopped);
    const waiting = wait(never, stop.signal).catch((error: unknown) => error);
    stop.abort(stopped);

    expect(await waiting).toBe(wait === waits.unlessAborted ? '-' : stopped);
    expect(listeners(stop.signal)).toBe(0);
  });

  it('hears what fails after it was given up', async () => {
    const stop = new AbortController();
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<string>((_, reject) => {
      fail = reject;
    });
    const waiting = wait(work, stop.signal).catch(() => undefined);
    stop.abort(stopped);
    await waiting;
    const unheard = vi.fn();
    process.on('unhandledRejection', unheard);

    fail(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));

    process.off('unhandledRejection', unheard);
    expect(unheard).not.toHaveBeenCalled();
  });
});

it('untilAborted rejects with an error, whatever the reason was', async () => {
  const waiting = untilAborted(never, AbortSignal.abort('enough'));

  await expect(waiting).rejects.toMatchObject({ message: 'aborted', cause: 'enough' });
});

describe('onAbort', () => {
  it('acts once, at the abort', () => {
    const stop = new AbortController();
    const act = vi.fn();
    onAbort(stop.signal, act);
    expect(act).not.toHaveBeenCalled();

    stop.abort();
    stop.abort();

    expect(act).toHaveBeenCalledOnce();
  });

  it('acts at once where the signal has aborted', () => {
    const act = vi.fn();
    onAbort(AbortSignal.abort(), act);

    expect(act).toHaveBeenCalledOnce();
  });

  it('does not act once it was forgotten', () => {
    const stop = new AbortController();
    const act = vi.fn();
    onAbort(stop.signal, act)();
    stop.abort();

    expect(act).not.toHaveBeenCalled();
  });
});

it.each(['before', 'on the way'])('aborted resolves at an abort %s', async (when) => {
  const stop = new AbortController();
  if (when === 'before') stop.abort();
  const waiting = aborted(stop.signal);
  stop.abort();

  await expect(waiting).resolves.toBeUndefined();
});

describe('pause', () => {
  it('ends with the time', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const ended = vi.fn();
    void pause(clock, second, signal).then(ended);

    await clock.advance(999);
    expect(ended).not.toHaveBeenCalled();
    await clock.advance(1);

    expect(ended).toHaveBeenCalledOnce();
    expect(listeners(signal)).toBe(0);
  });

  it.each(['before', 'on the way'])('ends with an abort %s, and does not reject', async (when) => {
    const stop = new AbortController();
    if (when === 'before') stop.abort(stopped);
    const pausing = pause(new FakeClock(), second, stop.signal);
    stop.abort(stopped);

    await expect(pausing).resolves.toBeUndefined();
  });

  it('does not hide that a clock is broken: a loop would turn without end', async () => {
    const clock = { sleep: () => Promise.reject(new Error('no timers left')) };

    await expect(pause(clock, second, new AbortController().signal)).rejects.toThrow('no timers');
  });
});

describe('onAbort', () => {
  it('acts in order, each time that it was asked, with one listener', () => {
    const stop = new AbortController();
    const acts: string[] = [];
    const first = (): void => void acts.push('first');
    onAbort(stop.signal, first);
    const callOff = onAbort(stop.signal, () => acts.push('called off'));
    onAbort(stop.signal, first);
    onAbort(stop.signal, () => callOffLast());
    const callOffLast = onAbort(stop.signal, () => acts.push('called off on the way'));
    callOff();
    expect(listeners(stop.signal)).toBe(1);
    stop.abort();
    stop.abort();

    expect(acts).toEqual(['first', 'first']);
  });

  it('listens again for who comes after all have gone', () => {
    const stop = new AbortController();
    const act = vi.fn();
    onAbort(stop.signal, act)();
    expect(listeners(stop.signal)).toBe(0);
    const callOff = onAbort(stop.signal, act);
    onAbort(stop.signal, act);
    callOff();
    callOff();
    expect(listeners(stop.signal)).toBe(1);
    stop.abort();

    expect(act).toHaveBeenCalledOnce();
  });
});

describe('later', () => {
  it('acts once the time has passed', async () => {
    const clock = new FakeClock();
    const act = vi.fn();
    later(clock, second, act, new AbortController().signal);

    await clock.advance(999);
    expect(act).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(act).toHaveBeenCalledOnce();
  });

  it.each(['before', 'on the way'])('does nothing after an abort %s', async (when) => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const act = vi.fn();
    if (when === 'before') stop.abort();
    later(clock, second, act, stop.signal);
    stop.abort();
    await clock.advance(2000);

    expect(act).not.toHaveBeenCalled();
  });
});

describe('inTime', () => {
  it('gives what the work gives, and sleeps no longer', async () => {
    const sleeping: AbortSignal[] = [];
    const clock = {
      sleep: (_: number, signal: AbortSignal) => {
        sleeping.push(signal);
        return untilAborted(never, signal);
      },
    };

    expect(await inTime(Promise.resolve('done'), { clock, time: second }, () => 'late')).toBe(
      'done',
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(sleeping.map((signal) => signal.aborted)).toEqual([true]);
  });

  it('gives the other outcome once the time has passed', async () => {
    const clock = new FakeClock();
    const waiting = inTime(never, { clock, time: second }, () => 'late');
    await clock.advance(1000);

    expect(await waiting).toBe('late');
  });

  it('fails as the work fails', async () => {
    const work = Promise.reject(new Error('broken'));
    const waiting = inTime(work, { clock: new FakeClock(), time: second }, () => 'late');

    await expect(waiting).rejects.toThrow('broken');
  });
});

describe('a deadline', () => {
  /** An action that keeps its signal and, unless it is told to, does not obey. */
  function anAction({ obeys }: { readonly obeys: boolean }) {
    const signals: AbortSignal[] = [];
    const action = (signal: AbortSignal): Promise<string> => {
      signals.push(signal);
      return obeys ? untilAborted(never, signal).catch(() => 'it obeyed') : never;
    };
    return { action, signals };
  }

  it('aborts the action, and says for how long it waited', async () => {
    const clock = new FakeClock();
    const { action, signals } = anAction({ obeys: false });
    const waiting = withDeadline(action, { clock, after: second }).catch((error: unknown) => error);
    await clock.advance(999);
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(1);

    expect(await waiting).toMatchObject({ name: 'TimeoutError', message: 'no answer within 1 s' });
    expect(signals[0]?.aborted).toBe(true);
  });

  it('has the last word without a grace', async () => {
    const clock = new FakeClock();
    const { action } = anAction({ obeys: true });
    const waiting = withDeadline(action, { clock, after: second }).catch((error: unknown) => error);
    await clock.advance(1000);

    expect(await waiting).toMatchObject({ name: 'TimeoutError' });
  });

  it('leaves it to an action that obeys within the grace', async () => {
    const clock = new FakeClock();
    const { action } = anAction({ obeys: true });
    const waiting = withDeadline(action, { clock, after: second, grace: millis(50) });
    await clock.advance(1000);

    expect(await waiting).toBe('it obeyed');
  });

  it.each(['the deadline', 'a stop'])(
    'waits for the grace after %s, and no longer',
    async (end) => {
      const clock = new FakeClock();
      const stop = new AbortController();
      const ended = vi.fn();
      const { action } = anAction({ obeys: false });
      const deadline = { clock, after: second, grace: millis(50) };
      void withDeadline(action, deadline, stop.signal).catch(ended);
      if (end === 'a stop') stop.abort(stopped);
      else await clock.advance(1000);

      await clock.advance(49);
      expect(ended).not.toHaveBeenCalled();
      await clock.advance(1);
      expect(ended).toHaveBeenCalledOnce();
      expect(listeners(stop.signal)).toBe(0);
    },
  );

  it('leaves the signal of an action alone that came to its end', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const signals: AbortSignal[] = [];
    const keep = (signal: AbortSignal): Promise<number> => Promise.resolve(signals.push(signal));
    await withDeadline(keep, { clock, after: second, grace: millis(50) }, stop.signal);
    stop.abort(stopped);
    await clock.advance(2000);

    expect(signals[0]?.aborted).toBe(false);
  });
});

it('has any number of listeners at a shared controller without a warning', async () => {
  const warned = vi.fn();
  process.on('warning', warned);
  const { signal } = sharedAbort();
  for (let part = 0; part < 20; part++) onAbort(signal, () => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warned);

  expect(warned).not.toHaveBeenCalled();
});
