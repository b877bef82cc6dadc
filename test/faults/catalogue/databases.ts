import type { DatabaseForm, Step } from '../schedule.ts';
import { bulkRoute, type Fault, plan, sqlRoute, strikes, whenVisible } from './fault.ts';
import { kills } from './processes.ts';

/** What may happen to those who write to a database, and to the database. Each record must be stored or counted once. */
const faultsOf = (sink: DatabaseForm, prefix: string): readonly Fault[] => {
  const alpha = sqlRoute('alpha', sink);
  const what = words[sink];
  // Uptime records come alone: no other route would have anything to do.
  const beside = sink === 'uptime' ? [] : [bulkRoute('beta')];
  return [
    {
      name: `${prefix}-kill`,
      about: `one of two instances that write ${what} is killed (-9) and replaced, again and again`,
      plan: (dice, size) =>
        plan(size, {
          setup: { instances: 2, routes: [alpha, ...beside], proxied: ['alpha'] },
          own: { attempt_timeout: '6s' },
          badEvery: 97,
          // Answers take their time, so that a kill often comes between a commit and the word of it.
          steps: [
            { do: 'link', to: 'alpha', mode: { kind: 'delayed', ms: 20 }, after: 0 },
            ...kills(dice, size, 2),
          ],
        }),
    },
    {
      name: `${prefix}-freeze`,
      about: `one of two instances that write ${what} stands still for longer than its lease and wakes up again`,
      plan: (dice, size) =>
        plan(size, {
          setup: { instances: 2, routes: [alpha] },
          steps: strikes(size, () => [
            { do: 'pause', instance: 0, after: dice.between(200, 1_200) },
            { do: 'resume', instance: 0, after: dice.between(4_000, 6_000) },
          ]),
        }),
    },
    {
      name: `${prefix}-restart`,
      about: `the server that two instances write ${what} to is killed (-9) and comes back, again and again`,
      plan: (dice, size) =>
        plan(size, {
          setup: { instances: 2, routes: [alpha, ...beside] },
          steps: strikes(size, () => [
            { do: 'databaseKill', route: 'alpha', after: dice.between(200, 1_000) },
            { do: 'databaseStart', route: 'alpha', after: dice.between(0, 1_000) },
          ]),
        }),
    },
    {
      name: `${prefix}-deadlock`,
      about: `somebody else locks ${what} and notes in the opposite order: deadlocks come of it`,
      plan: (_dice, size) =>
        plan(size, {
          setup: { instances: 2, routes: [alpha] },
          overMs: Math.max(size.overMs, 8_000),
          steps: [
            whenVisible('alpha', 0.05),
            { do: 'rival', route: 'alpha', forMs: 6_000, after: 0 },
          ],
        }),
    },
    {
      name: `${prefix}-locked`,
      about: `somebody else holds the notes, then the table, for longer than an attempt of writing ${what} may take`,
      plan: (_dice, size) => {
        const hold = (thing: 'notes' | 'table'): Step => {
          const forMs = size.outage + 4_000;
          return { do: 'hold', what: thing, route: 'alpha', forMs, eachMs: 2_500, after: 0 };
        };
        return plan(size, {
          setup: { routes: [alpha] },
          // Longer than the holds, so that there is work before, in and behind them.
          overMs: Math.max(size.overMs, 12_000),
          steps: [whenVisible('alpha', 0.05), hold('notes'), hold('table')],
        });
      },
    },
  ];
};

const words: Readonly<Record<DatabaseForm, string>> = {
  sql: 'rows',
  sql_aggregate: 'sums',
  uptime: 'sums of uptime records',
};

export const databaseFaults: readonly Fault[] = [
  ...faultsOf('sql', 'sql'),
  ...faultsOf('sql_aggregate', 'sums'),
  // They are counted by what counts the others: what has to do with their list, and the order of their locks.
  ...faultsOf('uptime', 'uptime').filter(({ name }) => /-(?:kill|restart|deadlock)$/.test(name)),
].map((fault) => ({ ...fault, needsDatabase: true }));
