import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settled } from '../../lib/fake-clock.testing.ts';
import { Lead } from './lead.ts';

describe('the one ahead of the other routes', () => {
  const stop = new AbortController();
  let clock: FakeClock;
  let load: number;
  let isFull: boolean;
  let lead: Lead;
  let waited: number;

  beforeEach(() => {
    clock = new FakeClock();
    load = 1;
    isFull = true;
    waited = 0;
    lead = new Lead({
      clock,
      load: () => load,
      leadWaited: (time) => {
        waited += time;
      },
    });
  });

  /** Somebody asks for a chunk first; says whether he may go on by now. */
  function asking(signal: AbortSignal = stop.signal): { readonly mayGoOn: () => boolean } {
    let may = false;
    void lead
      .goOn(() => isFull, signal)
      .then(() => {
        may = true;
      });
    return { mayGoOn: () => may };
  }

  /** Those behind go on taking chunks from the cache. */
  async function share(time: number): Promise<void> {
    for (let passed = 0; passed < time; passed += 50) {
      lead.shared();
      await clock.advance(50);
    }
  }

  it('waits while the cache is full of what others are about to take, in a busy thread', async () => {
    lead.shared();
    const [one, another] = [asking(), asking()];
    await share(2_000);
    expect([one.mayGoOn(), another.mayGoOn()]).toEqual([false, false]);

    isFull = false;
    await clock.advance(10);
    expect([one.mayGoOn(), another.mayGoOn()]).toEqual([true, true]);
  });

  it('says how long he waits, and each who does', async () => {
    lead.shared();
    asking();
    await clock.advance(10);
    expect(waited).toBe(10);

    asking();
    await clock.advance(10);
    isFull = false;
    await clock.advance(10);
    expect(waited).toBe(50);
    await clock.advance(10);
    expect(waited).toBe(50);
  });

  it('does not wait where nobody has taken any', async () => {
    const one = asking();
    await settled();

    expect(one.mayGoOn()).toBe(true);
    expect(waited).toBe(0);
  });

  it('does not wait where there is room', async () => {
    isFull = false;
    lead.shared();
    const one = asking();
    await settled();

    expect(one.mayGoOn()).toBe(true);
  });

  it('does not wait for those who stand still', async () => {
    lead.shared();
    const one = asking();
    await clock.advance(190);
    expect(one.mayGoOn()).toBe(false);

    await clock.advance(20);
    expect(one.mayGoOn()).toBe(true);
  });

  it('goes on where waiting leaves the thread without work, and is not held up again for a while', async () => {
    lead.shared();
    load = 0.5;
    const one = asking();
    await clock.advance(10);
    expect(one.mayGoOn()).toBe(true);

    load = 1;
    await share(200);
    const soon = asking();
    await settled();
    expect(soon.mayGoOn()).toBe(true);

    await share(100);
    const late = asking();
    await share(100);
    expect(late.mayGoOn()).toBe(false);
  });

  it('goes on at the signal, and leaves no listener', async () => {
    const abort = new AbortController();
    lead.shared();
    const one = asking(abort.signal);
    await settled();
    abort.abort();
    await settled();

    expect(one.mayGoOn()).toBe(true);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });
});
