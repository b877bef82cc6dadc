import type { Step } from '../schedule.ts';
import { bulkRoute, type Fault, plan, whenVisible } from './fault.ts';

/** A fraction of what is pushed. */
const retained = '192KiB';

const betaGoesOn: Step = { do: 'arrived', route: 'beta', share: 1, withinMs: 8_000, after: 0 };
/** It can be opened, so records are read for it; and no range of them is delivered in part, which a kill would hide. */
const alphaTakesNothing: Step = {
  do: 'sink',
  route: 'alpha',
  behaviour: { kind: 'items', status: 429, share: 1 },
  after: 0,
};
const alphaIsDown: Step = { do: 'refuse', route: 'alpha', after: 0 };

const spill: Fault = {
  name: 'bound-spill',
  about:
    'a sink is down until retained_bytes is reached and its records go to disk; a kill (-9) while they are there',
  plan: (dice, size) =>
    plan(size, {
      own: { retained_bytes: retained, spill_dir: '{shared}/spill', at_bound: 'shed' },
      steps: [
        alphaIsDown,
        whenVisible('beta', 0.3 + 0.5 * dice.share()),
        { do: 'kill', instance: 0, after: dice.between(0, 1_000) },
        { do: 'start', after: 0 },
        betaGoesOn,
        { do: 'nothing', after: size.outage },
      ],
    }),
};

const shed: Fault = {
  name: 'bound-shed',
  about:
    'a sink is down until retained_bytes is reached and its oldest records are dropped, then the pump is killed (-9): exactly those counted are missing, for it alone',
  plan: (dice, size) =>
    plan(size, {
      setup: { routes: [bulkRoute('alpha', { keeps: 'all-but-shed' }), bulkRoute('beta')] },
      own: { retained_bytes: retained, at_bound: 'shed' },
      steps: [
        alphaTakesNothing,
        betaGoesOn,
        // What it has read and holds is dropped in Redis only: with the process it goes for good.
        { do: 'kill', instance: 0, after: size.outage + dice.between(0, 1_000) },
        { do: 'start', after: 0 },
      ],
    }),
};

const shedAndHeld: Fault = {
  name: 'bound-shed-held',
  about:
    'as before without the kill: what the pump holds in memory arrives although it was dropped, and the books are corrected',
  plan: (_dice, size) =>
    plan(size, {
      setup: { routes: [bulkRoute('alpha', { keeps: 'all-but-shed' }), bulkRoute('beta')] },
      own: { retained_bytes: retained, at_bound: 'shed' },
      steps: [
        whenVisible('alpha', 0.1),
        alphaIsDown,
        betaGoesOn,
        { do: 'accept', route: 'alpha', after: size.outage },
        { do: 'nothing', after: 3_000 },
      ],
    }),
};

const hold: Fault = {
  name: 'bound-hold',
  about:
    'a sink is down until retained_bytes is reached and claiming pauses: the gateway’s lists grow, and nothing is lost',
  plan: (_dice, size) =>
    plan(size, {
      own: { retained_bytes: retained, at_bound: 'hold' },
      overMs: Math.max(size.overMs, 8_000),
      steps: [
        alphaIsDown,
        { do: 'unclaimed', share: 0.2, after: 0 },
        { do: 'unclaimed', share: 0.2, after: size.outage },
      ],
    }),
};

export const boundFaults: readonly Fault[] = [spill, shed, shedAndHeld, hold];
