import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { type Happening, News } from './news.ts';

function someNews() {
  const [log, clock] = [memoryLog(), new FakeClock()];
  const news = new News({ log, clock });
  const rejected = (records: number, reason = 'no number'): void => {
    const happening: Happening = { level: 'error', message: 'Rejected.', records, reason };
    news.tell('rejected', happening);
  };
  const said = () => log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields);
  return { log, clock, news, rejected, said };
}

describe('news', () => {
  it('are said at once, and what follows within the minute in one sum, reason by reason', async () => {
    const { clock, news, rejected, said } = someNews();
    rejected(1);
    for (let index = 0; index < 400; index++) rejected(1);
    for (let index = 0; index < 33; index++) rejected(2, 'too long');
    expect(said()).toEqual([{ records: 1, reason: 'no number' }]);
    expect(news.dueAt).toBe(clock.elapsed() + 60_000);

    await clock.advance(60_000);
    news.sayDue();

    expect(said().slice(1)).toEqual([
      {
        records: 466,
        times: 433,
        reason: 'too long',
        reasons: { 'no number': 400, 'too long': 66 },
        seconds: 60,
      },
    ]);
    expect(news.dueAt).toBeUndefined();
  });

  it('add up to what happened, however it is spread over time', async () => {
    const { clock, news, rejected, said } = someNews();
    let total = 0;
    for (let second = 0; second < 400; second++) {
      if (second % 130 < 70) {
        rejected(3);
        total += 3;
      }
      await clock.advance(1_000);
      news.sayDue();
    }
    rejected(5);
    news.sayAll();
    expect(said().reduce((sum, { records }) => sum + Number(records), 0)).toBe(total + 5);
    expect(said().length).toBeLessThan(15);
  });

  it('end with a sum when the route ends, and say nothing twice', () => {
    const { news, rejected, said } = someNews();
    rejected(1);
    rejected(2);
    news.sayAll();
    news.sayAll();
    expect(said().map(({ records }) => records)).toEqual([1, 2]);
  });

  it('are news again after a quiet minute', async () => {
    const { clock, news, rejected, said } = someNews();
    rejected(1);
    await clock.advance(61_000);
    news.sayDue();
    rejected(2);
    expect(said()).toEqual([
      { records: 1, reason: 'no number' },
      { records: 2, reason: 'no number' },
    ]);
  });

  it('tell few reasons apart and count the others as one', () => {
    const { news, rejected, said } = someNews();
    rejected(1);
    for (let index = 0; index < 100; index++) rejected(1, `reason ${index}`);
    news.sayAll();
    const reasons = said()[1]?.['reasons'] as Record<string, number>;
    expect(Object.keys(reasons)).toHaveLength(11);
    expect(reasons['others']).toBe(90);
  });

  it('count times alone where the same records come again', () => {
    const { log, news } = someNews();
    for (const reason of ['away', 'away', 'away'])
      news.tell('unstored', { level: 'warn', message: 'Refused.', reason });
    news.sayAll();
    expect(log.lines.at(-1)?.fields).toMatchObject({ times: 2, reasons: { away: 2 } });
    expect(log.lines.at(-1)?.fields['records']).toBeUndefined();
  });
});
