import { describe, expect, it } from 'vitest';
import { millis } from '../../lib/units.ts';
import { aList } from '../testing.ts';
import { Progress, planShedding, stalledAfter, widest } from './bounds.ts';
import type { Standing, Survey } from './survey.ts';

const standing = (route: string, oldest: string): Standing => ({ route, oldest, lag: 1 });

/** Three segments of 100 bytes each, ending at entries 1-0, 2-0 and 3-0. */
const aSurvey = (...standings: readonly Standing[]): Survey => ({
  list: aList(),
  now: 10,
  retained: 300,
  standings,
  ledgers: [],
  unread: 0,
  segments: ['1-0', '2-0', '3-0'].map((lastEntry) => ({
    segment: lastEntry,
    lastEntry,
    bytes: 100,
  })),
});

const everyone = (): boolean => true;
const nobody = (): boolean => false;

describe('planShedding', () => {
  it('drops the oldest segments of a route that stands still, and no more than is needed', () => {
    const plan = planShedding([aSurvey(standing('A', '1-0'))], 150, everyone);
    expect(plan.map(({ route, upTo }) => [route, upTo])).toEqual([['A', '2-0']]);
  });

  it('drops nothing while the only route is at work', () => {
    expect(planShedding([aSurvey(standing('A', '1-0'))], 150, nobody)).toEqual([]);
  });

  it('drops for the late route alone what it is late with', () => {
    const plan = planShedding(
      [aSurvey(standing('SLOW', '1-0'), standing('FAST', '3-0'))],
      300,
      (_, __, hasSiblingDone) => hasSiblingDone,
    );
    expect(plan.map(({ route, upTo }) => [route, upTo])).toEqual([['SLOW', '2-0']]);
  });

  it('spares a route that has answered for everything', () => {
    const plan = planShedding(
      [aSurvey(standing('DEAD', '1-0'), standing('DONE', ''))],
      100,
      everyone,
    );
    expect(plan.map(({ route, upTo }) => [route, upTo])).toEqual([['DEAD', '1-0']]);
  });

  it('drops a segment for all routes that stand still, since it stays until the last', () => {
    const plan = planShedding([aSurvey(standing('A', '1-0'), standing('B', '1-0'))], 50, everyone);
    expect(plan.map(({ route }) => route)).toEqual(['A', 'B']);
  });
});

describe('widest', () => {
  it('takes for each route the plan that goes furthest', () => {
    const survey = aSurvey();
    const shedding = (route: string, upTo: string) => ({ survey, route, upTo });
    expect(
      widest(
        [shedding('A', '2-0'), shedding('B', '1-0')],
        [shedding('A', '1-0'), shedding('B', '10-0')],
      ),
    ).toEqual([shedding('A', '2-0'), shedding('B', '10-0')]);
  });
});

describe('Progress', () => {
  const at = (ms: number) => millis(ms);

  it('calls a route stalled when it has not moved for the whole time', () => {
    const progress = new Progress();
    progress.note(aSurvey(standing('A', '1-0')), at(0));
    progress.note(aSurvey(standing('A', '1-0')), at(stalledAfter));
    expect(progress.isStalled('analytics-test', 'A', at(stalledAfter))).toBe(true);
  });

  it('starts the time anew when the route moves', () => {
    const progress = new Progress();
    progress.note(aSurvey(standing('A', '1-0')), at(0));
    progress.note(aSurvey(standing('A', '2-0')), at(stalledAfter));
    expect(progress.isStalled('analytics-test', 'A', at(stalledAfter + 1))).toBe(false);
  });

  it('never calls a route stalled that has nothing to do', () => {
    const progress = new Progress();
    progress.note(aSurvey(standing('A', '')), at(0));
    expect(progress.isStalled('analytics-test', 'A', at(stalledAfter * 2))).toBe(false);
  });
});
