import { expect, it } from 'vitest';
import { sideBySide } from '../scripts/lib/side-by-side.mjs';

/** What began and ended, in turn; each stage lasts as many turns as it says. */
async function played(
  stages: readonly {
    readonly title: string;
    readonly turns?: number;
    readonly after?: string;
    readonly alone?: boolean;
  }[],
  lanes = 2,
): Promise<string> {
  const said: string[] = [];
  await sideBySide(stages, lanes, async ({ title, turns = 1 }, lane) => {
    said.push(`+${title}${lane}`);
    for (let turn = 0; turn < turns * 10; turn++) await Promise.resolve();
    said.push(`-${title}`);
  });
  return said.join(' ');
}

it('plays stages in their order, as many at once as there are lanes', async () => {
  expect(await played([{ title: 'a', turns: 3 }, { title: 'b' }, { title: 'c' }])).toBe(
    '+a0 +b1 -b +c1 -c -a',
  );
  expect(await played([{ title: 'a', turns: 3 }, { title: 'b' }], 1)).toBe('+a0 -a +b0 -b');
});

it('lets the next ones pass what waits for another stage', async () => {
  const stages = [{ title: 'a', turns: 3 }, { title: 'b', after: 'a' }, { title: 'c' }];
  expect(await played(stages)).toBe('+a0 +c1 -c -a +b0 -b');
});

it('plays nothing beside one that wants to be alone', async () => {
  const stages = [{ title: 'a', turns: 2 }, { title: 'b', alone: true }, { title: 'c' }];
  expect(await played(stages, 3)).toBe('+a0 -a +b0 -b +c0 -c');
});

it('ends at a failure of the machinery, and at a stage that can never begin', async () => {
  const stages = [{ title: 'a' }, { title: 'b' }];
  const failing = sideBySide(stages, 1, () => Promise.reject(new Error('no such program')));
  await expect(failing).rejects.toThrow('no such program');
  await expect(played([{ title: 'a', after: 'a' }])).rejects.toThrow('a waits for what never ends');
});
