import { describe, expect, it } from 'vitest';
import { millis } from '../../lib/units.ts';
import { AdaptiveConcurrency } from './concurrency.ts';

interface Sent {
  /** Of the next attempts; by the number under way. */
  readonly latency: (underWay: number) => number;
  readonly refused?: number;
  readonly attempts: number;
  readonly fill?: number;
}

/** A sink on a time line: always as many attempts under way as may be, each ending after its latency. */
class Drive {
  readonly concurrency: AdaptiveConcurrency;
  #now = 0;
  #underWay: { readonly begunAt: number; readonly endsAt: number }[] = [];

  constructor(ceiling: number) {
    this.concurrency = new AdaptiveConcurrency(ceiling, millis(0));
  }

  send({ latency, refused = 0, attempts, fill = 1 }: Sent): number {
    for (let count = 0; count < attempts; count++) {
      while (this.concurrency.room(this.#underWay.length) > 0) {
        const takes = latency(this.#underWay.length + 1);
        this.#underWay.push({ begunAt: this.#now, endsAt: this.#now + takes });
      }
      this.#underWay.sort((a, b) => a.endsAt - b.endsAt);
      const { begunAt, endsAt } = this.#underWay[0] ?? { begunAt: 0, endsAt: 0 };
      this.#now = endsAt;
      this.concurrency.ended({
        begunAt: millis(begunAt),
        now: millis(endsAt),
        underWay: this.#underWay.length,
        records: 100,
        refused: refused * 100,
        isNoNews: false,
        isDoubtful: false,
        fill,
        wholeFailure: refused === 1 ? { kind: 'throttled', after: undefined } : undefined,
      });
      this.#underWay.shift();
    }
    return this.concurrency.limit;
  }
}

const steady = () => 100;
/** Works on `places` at a time, others queue. */
const queueing = (places: number) => (underWay: number) => 100 * Math.max(1, underWay / places);

describe('adaptive concurrency', () => {
  it('starts with two and doubles while all goes well, up to the ceiling', () => {
    const drive = new Drive(20);

    expect(drive.concurrency.limit).toBe(2);
    expect(drive.send({ latency: steady, attempts: 2 })).toBe(4);
    expect(drive.send({ latency: steady, attempts: 100 })).toBe(20);
  });

  it('starts with its ceiling if that is less', () => {
    expect(new Drive(1).concurrency.limit).toBe(1);
  });

  it.each([2, 4, 8, 16])('finds the knee of a sink with %i places', (places) => {
    const drive = new Drive(64);
    const limit = drive.send({ latency: queueing(places), attempts: 1500 });

    expect(limit).toBeGreaterThanOrEqual(places);
    expect(limit).toBeLessThanOrEqual(places * 2.2 + 1);
  });

  it('shrinks for a sink that got slower under load, and grows again from its new latency', () => {
    const drive = new Drive(8);
    drive.send({ latency: steady, attempts: 100 });
    const limits: number[] = [];
    for (let time = 0; time < 20; time++)
      limits.push(drive.send({ latency: () => 500, attempts: 10 }));

    expect(Math.min(...limits)).toBeLessThanOrEqual(3);
    expect(limits.at(-1)).toBe(8);
  });

  it('goes down to one while everything is refused', () => {
    const drive = new Drive(64);
    drive.send({ latency: steady, attempts: 500 });

    expect(drive.send({ latency: steady, refused: 1, attempts: 500 })).toBe(1);
  });

  it('stays at a small ceiling when a third of the records is refused at any pace', () => {
    expect(new Drive(4).send({ latency: steady, refused: 0.3, attempts: 200 })).toBe(4);
  });

  it('shrinks a large limit when many records are refused, not once for each', () => {
    const drive = new Drive(64);
    drive.send({ latency: steady, attempts: 500 });
    const soon = drive.send({ latency: steady, refused: 0.6, attempts: 128 });
    const later = drive.send({ latency: steady, refused: 0.6, attempts: 2000 });

    expect(soon).toBeGreaterThan(20);
    expect(later).toBeGreaterThan(2);
    expect(later).toBeLessThan(12);
  });

  it('does not grow on attempts that do not use it', () => {
    const concurrency = new AdaptiveConcurrency(8, millis(0));
    for (let time = 0; time < 100; time++)
      concurrency.ended({
        begunAt: millis(time * 100),
        now: millis(time * 100 + 50),
        underWay: 1,
        records: 100,
        refused: 0,
        isNoNews: false,
        isDoubtful: false,
        fill: 1,
        wholeFailure: undefined,
      });

    expect(concurrency.limit).toBe(2);
  });

  it('takes no latency from small batches', () => {
    const drive = new Drive(8);
    drive.send({ latency: () => 1, fill: 0.1, attempts: 4 });

    expect(drive.send({ latency: steady, attempts: 100 })).toBe(8);
  });

  it('starts anew after an outage', () => {
    const drive = new Drive(8);
    drive.send({ latency: steady, attempts: 100 });
    drive.concurrency.restart(millis(1e6));

    expect(drive.concurrency.limit).toBe(2);
  });
});
