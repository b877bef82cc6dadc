import { expect, it } from 'vitest';
import { instanceLines } from './instance-lines.ts';

it('are a row for each instance, by name', () => {
  const lines = instanceLines([
    { name: 'one', said: { version: '0.2.0', layout: '1' }, secondsAgo: 7 },
    { name: 'older', said: undefined, secondsAgo: undefined },
  ]);

  expect(lines).toEqual([
    '',
    'INSTANCES HEARD OF  VERSION       LAYOUT  SEEN',
    'older               before 0.2.0  1       reading',
    'one                 0.2.0         1       7 s ago',
  ]);
  expect(instanceLines([])).toEqual([]);
});
