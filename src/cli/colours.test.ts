import { describe, expect, it } from 'vitest';
import { coloured, hasColours } from './colours.ts';

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;

describe('colours', () => {
  it.each([
    ['error: pump.conf: x\n', `${red('error:')} pump.conf: x\n`],
    ['sluice: error: no\n', `${red('sluice: error:')} no\n`],
    ['a\nerror: b\n', `a\n${red('error:')} b\n`],
    ['not ok: 1 error\n', `${red('not ok')}: 1 error\n`],
    ['ok\n', '\u001b[32mok\u001b[39m\n'],
    ['ok, 1 warning\n', '\u001b[32mok\u001b[39m, 1 warning\n'],
    ['ok: clock: 0 s\n', '\u001b[32mok:\u001b[39m clock: 0 s\n'],
  ])('say how bad %j is', (text, expected) => {
    expect(coloured(text)).toBe(expected);
  });

  it.each(['okay\n', 'errors: 3\n', 'an error: x\n', '{"error":1}\n', '  warning: x\n'])(
    'leave %j as it is',
    (text) => {
      expect(coloured(text)).toBe(text);
    },
  );

  it.each([
    [true, {}, true],
    [false, {}, false],
    [undefined, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { TERM: 'dumb' }, false],
    [false, { TERM: 'xterm' }, false],
  ])('are for a terminal (%s) with %o: %s', (isTTY, env, expected) => {
    expect(hasColours(isTTY === undefined ? {} : { isTTY }, env)).toBe(expected);
  });
});
