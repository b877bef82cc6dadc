import { expect, it } from 'vitest';
import { instanceLines } from './instance-lines.ts';

it('are a row for each instance, by name', () => {
  const lines = instanceLines([
    { name: 'one', said: { version: '0.2.0', layout: '1' }, secondsAgo: 7, about: undefined },
    { name: 'older', said: undefined, secondsAgo: undefined, about: undefined },
  ]);

  expect(lines).toEqual([
    '',
    'INSTANCES HEARD OF  VERSION       LAYOUT  SEEN',
    'older               before 0.2.0  1       reading',
    'one                 0.2.0         1       7 s ago',
  ]);
  expect(instanceLines([])).toEqual([]);
});

it('are followed by what does not fit together', () => {
  const anInstance = (name: string, pumps: readonly string[]) => ({
    ...{ name, said: { version: '0.3.0', layout: '1' }, secondsAgo: 1 },
    about: {
      ...{ host: 'a', since: '2026-01-01T00:00:00.000Z', configuration: `hash-of-${name}` },
      pumps: pumps.map((route) => ({ route, type: 'csv' })),
    },
  });

  expect(
    instanceLines([anInstance('one', ['CSV']), anInstance('two', ['CSV', 'ES'])]).slice(-2),
  ).toEqual([
    'ES is not configured in one.',
    'configurations differ: hash-of-one in one; hash-of-two in two.',
  ]);
  expect(instanceLines([anInstance('one', ['CSV'])])).toHaveLength(3);
});
