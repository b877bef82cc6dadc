import { describe, expect, it } from 'vitest';
import { LogOutlet } from './log-outlet.ts';

const { signal } = new AbortController();

/** A reader that may stop reading, and may be gone. */
function aReader() {
  const taken: string[] = [];
  const full: (() => void)[] = [];
  const state = { isReading: true, isGone: false };
  const put = (bytes: Uint8Array, done: (error?: Error) => void): boolean => {
    const take = (): void => {
      if (!state.isGone) taken.push(Buffer.from(bytes).toString());
      done(state.isGone ? new Error('write EPIPE') : undefined);
    };
    if (state.isReading) queueMicrotask(take);
    else full.push(take);
    return state.isReading;
  };
  return {
    state,
    put,
    text: () => taken.join(''),
    readAgain() {
      state.isReading = true;
      for (const take of full.splice(0)) take();
    },
  };
}

function anOutlet(bound = 20) {
  const reader = aReader();
  const outlet = new LogOutlet({ put: reader.put, bound });
  outlet.onDropped((lines) => outlet.write(`${lines} missing\n`));
  const counted: number[] = [];
  outlet.countInto({ add: (amount) => counted.push(amount) });
  const dropped = (): number => counted.reduce((sum, amount) => sum + amount, 0);
  return { reader, outlet, dropped };
}

describe('where log lines leave the process', () => {
  it('hands lines over at once, in their order', async () => {
    const { reader, outlet, dropped } = anOutlet();
    for (const line of ['a\n', 'b\n', 'c\n']) outlet.write(line);
    await outlet.taken(signal);
    expect(reader.text()).toBe('a\nb\nc\n');
    expect(dropped()).toBe(0);
  });

  it('keeps lines up to its bound while nobody reads, and counts the others', () => {
    const { reader, outlet, dropped } = anOutlet(20);
    reader.state.isReading = false;
    for (let index = 0; index < 1000; index++) outlet.write('0123456789\n');
    // One is on its way, two fit, and the last may exceed the bound.
    expect(dropped()).toBe(1000 - 1 - 2);
  });

  it('says how many lines are missing, at their place, when somebody reads again', async () => {
    const { reader, outlet } = anOutlet(5);
    reader.state.isReading = false;
    for (const line of ['on its way\n', 'waits\n', 'lost\n', 'lost too\n']) outlet.write(line);
    reader.readAgain();
    await expect.poll(() => outlet.isTaken).toBe(true);
    outlet.write('later\n');
    await outlet.taken(signal);
    expect(reader.text()).toBe('on its way\nwaits\n2 missing\nlater\n');
  });

  it('counts what it hands to a pipe that nobody will ever read, and does not go on about it', async () => {
    const { reader, outlet, dropped } = anOutlet();
    reader.state.isGone = true;
    outlet.write('a\n');
    await expect(outlet.taken(signal)).rejects.toThrow('EPIPE');
    outlet.write('b\n');
    await expect(outlet.taken(signal)).rejects.toThrow('EPIPE');
    expect(dropped()).toBe(2);
  });

  it('tells who asks that a line was lost meanwhile', async () => {
    const { reader, outlet } = anOutlet(1);
    reader.state.isReading = false;
    for (const line of ['on its way\n', 'waits\n']) outlet.write(line);
    const taken = outlet.taken(signal);
    outlet.write('lost\n');
    reader.readAgain();
    await expect(taken).rejects.toThrow('nobody reads standard error');
  });

  it('waits no longer than it is asked to', async () => {
    const { reader, outlet } = anOutlet();
    reader.state.isReading = false;
    outlet.write('a\n');
    const given = new AbortController();
    const taken = outlet.taken(given.signal);
    given.abort(new Error('time is up'));
    await expect(taken).rejects.toThrow('time is up');
  });
});
