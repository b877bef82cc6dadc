import { describe, expect, it } from 'vitest';
import { type Interval, reportOf } from './report.ts';
import type { ProcessFacts } from './watch/processes.ts';
import type { Workload } from './watch/watcher.ts';

const facts = (given: Partial<ProcessFacts> = {}): ProcessFacts => ({
  ...{ pid: 7, parent: 1, start: 1, uid: 0, name: 'nginx', program: '/usr/sbin/nginx' },
  ...{ container: undefined, libraries: ['libssl.so.3'], unseen: [], isReadable: true },
  ...given,
});
const watched: Workload = { facts: facts(), state: { is: 'watched', probes: ['inner'] }, since: 0 };
const refused: Workload = {
  facts: facts(),
  state: { is: 'refused', reason: 'no right' },
  since: 0,
};
const grown = { calls: 0, pieces: 0, lost: 0, lostBytes: 0, faults: 0, cutBytes: 0 };

const verdicts = (given: Partial<Interval>) =>
  reportOf({
    ...{ from: 0, to: 60_000, workloads: [watched], blind: [], grown, calls: 0 },
    ...given,
  }).verdicts.map(({ kind, severity, words, evidence }) => ({ kind, severity, words, evidence }));

describe('why calls of watched processes are seen, or are not', () => {
  it.each<[string, Partial<Interval>, readonly (readonly [string, string, RegExp])[]]>([
    ['calls', { calls: 3 }, [['seen', 'ok', /^3 calls of 1 processes/]]],
    ['nothing said', {}, [['no-traffic', 'note', /said nothing over TLS in 60 s/]]],
    ['nobody there', { workloads: [] }, [['no-traffic', 'problem', /^No process is watched/]]],
    [
      'TLS without HTTP',
      { grown: { ...grown, calls: 9 } },
      [['unparsed', 'problem', /none of it was HTTP/]],
    ],
    [
      'a process that is refused',
      { workloads: [watched, refused], calls: 1 },
      [
        ['failed', 'problem', /^1 processes cannot be watched/],
        ['seen', 'ok', /^1 calls of 1/],
      ],
    ],
    [
      'a process of Go',
      { workloads: [], blind: [facts({ libraries: [], unseen: ['go'] })] },
      [
        ['encrypted', 'problem', /^The TLS of 1 processes/],
        ['no-traffic', 'problem', /^No process/],
      ],
    ],
    [
      'losses',
      { calls: 1, grown: { ...grown, lost: 2, lostBytes: 300 } },
      [
        ['gaps', 'problem', /^Not all/],
        ['seen', 'ok', /./],
      ],
    ],
    [
      'a long call',
      { calls: 1, grown: { ...grown, cutBytes: 1 } },
      [
        ['gaps', 'problem', /./],
        ['seen', 'ok', /./],
      ],
    ],
    [
      'a loader that was gone',
      { grown: undefined, calls: 1 },
      [
        ['failed', 'problem', /loader was gone/],
        ['seen', 'ok', /./],
      ],
    ],
  ])('%s', (_what, given, expected) => {
    const said = verdicts(given);
    expect(said.map(({ kind, severity }) => [kind, severity])).toEqual(
      expected.map(([kind, severity]) => [kind, severity]),
    );
    for (const [index, [, , words]] of expected.entries())
      expect(said[index]?.words).toMatch(words);
  });

  it('names who is not visible, and why', () => {
    const [first] = verdicts({ blind: [facts({ name: 'etcd', libraries: [], unseen: ['go'] })] });
    expect(first?.evidence).toEqual([
      'etcd (7): not visible: Go’s crypto/tls, which it has in itself',
    ]);
  });

  it('has each process with its state among the counters', () => {
    const { counters } = reportOf({
      ...{ from: 0, to: 1, workloads: [watched, refused], blind: [], grown, calls: 0 },
    });
    expect(counters).toMatchObject({
      processes: [
        { pid: 7, name: 'nginx', state: 'watched' },
        { pid: 7, state: 'refused', reason: 'no right' },
      ],
    });
  });
});
