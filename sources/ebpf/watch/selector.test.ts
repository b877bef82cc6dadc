import { describe, expect, it } from 'vitest';
import type { ProcessFacts } from './processes.ts';
import { chosen, readSelector, type Selector } from './selector.ts';

const facts = (given: Partial<ProcessFacts> & { readonly pid: number }): ProcessFacts => ({
  parent: 1,
  start: 1,
  uid: 0,
  name: 'node',
  program: '/usr/bin/node',
  container: undefined,
  libraries: ['/usr/bin/node'],
  unseen: [],
  isReadable: true,
  ...given,
});

function select(...texts: readonly string[]): readonly Selector[] {
  return texts.map((text) => {
    const selector = readSelector(text);
    if (selector === undefined) throw new Error(`${text} is no selector`);
    return selector;
  });
}

const id = 'ab12cd34ef56'.padEnd(64, '0');
const processes = [
  facts({
    pid: 10,
    name: 'nginx',
    program: '/usr/sbin/nginx',
    libraries: ['/usr/lib/libssl.so.3'],
  }),
  facts({ pid: 11, parent: 10, name: 'nginx', program: '/usr/sbin/nginx (deleted)' }),
  facts({ pid: 12, parent: 11, name: 'sh', program: '/bin/dash', libraries: [] }),
  facts({ pid: 13, parent: 12, name: 'curl', program: '/usr/bin/curl' }),
  facts({ pid: 20, container: id }),
  facts({ pid: 21, name: 'a-name-that-is-long'.slice(0, 15) }),
  facts({ pid: 99 }),
];

const pids = (given: {
  readonly selectors?: readonly Selector[];
  readonly isEverything?: boolean;
  readonly includesChildren?: boolean;
}): readonly number[] =>
  chosen(
    processes,
    { selectors: [], isEverything: false, includesChildren: false, ...given },
    99,
  ).visible.map(({ pid }) => pid);

describe('which processes are watched', () => {
  it.each([
    ['10', [10]],
    ['/usr/sbin/nginx', [10, 11]],
    ['name:nginx', [10, 11]],
    ['name:a-name-that-is-long', [21]],
    ['container:ab12cd34', [20]],
    ['container:ab12cd35', []],
    ['12', []],
    ['99', []],
  ])('%s', (text, expected) => {
    expect(pids({ selectors: select(text) })).toEqual(expected);
  });

  it('takes what a chosen one has started, through those that have nothing to see', () => {
    expect(pids({ selectors: select('10'), includesChildren: true })).toEqual([10, 11, 13]);
  });

  it('takes everything only when told, and never itself', () => {
    expect(pids({})).toEqual([]);
    expect(pids({ isEverything: true })).toEqual([10, 11, 13, 20, 21]);
  });

  it('says who was meant and cannot be seen', () => {
    const others = [
      facts({ pid: 30, name: 'sh', libraries: [] }),
      facts({ pid: 31, parent: 30, name: 'etcd', libraries: [], unseen: ['go'] }),
      facts({ pid: 32, parent: 30, name: 'sleep', libraries: [] }),
      facts({ pid: 33, parent: 30, name: 'both', unseen: ['gnutls'] }),
    ];
    const choice = { selectors: select('30'), isEverything: false, includesChildren: true };
    const { visible, blind } = chosen(others, choice, 99);
    expect(visible.map(({ pid }) => pid)).toEqual([33]);
    expect(blind.map(({ pid }) => pid)).toEqual([30, 31]);
  });

  it('ends where parents go round in circles', () => {
    const circle = [facts({ pid: 1, parent: 2 }), facts({ pid: 2, parent: 1 })];
    const choice = { selectors: select('7'), isEverything: false, includesChildren: true };
    expect(chosen(circle, choice, 99)).toEqual({ visible: [], blind: [] });
  });

  it.each(['', '0', '-1', 'nginx', 'name:', 'container:ab', 'container:XYZXYZ', 'pid:1', '1.5'])(
    'refuses %j',
    (text) => {
      expect(readSelector(text)).toBeUndefined();
    },
  );
});
