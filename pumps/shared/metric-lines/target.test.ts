import { expect, it } from 'vitest';
import { lineTargetOf } from './target.ts';

it.each([
  ['localhost:8125', { protocol: 'udp', host: 'localhost', port: 8125 }],
  ['udp://10.0.0.1:8125', { protocol: 'udp', host: '10.0.0.1', port: 8125 }],
  ['tcp://[::1]:8125', { protocol: 'tcp', host: '::1', port: 8125 }],
  ['unix:///run/dsd.socket', { protocol: 'unix', path: '/run/dsd.socket' }],
])('reads "%s"', (address, target) => {
  expect(lineTargetOf(address)).toEqual(target);
});

it.each(['', 'localhost', 'localhost:0', 'localhost:70000', 'http://a:1', 'unix://x', '::1:8125'])(
  'does not read "%s"',
  (address) => {
    expect(lineTargetOf(address)).toBeUndefined();
  },
);
