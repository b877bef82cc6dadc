import { describe, expect, it } from 'vitest';
import type { Line } from '../results.ts';
import { runOf } from '../testing/runs.testing.ts';
import { chartOf } from './chart.ts';
import { groupsOf, timesOurs } from './groups.ts';
import { tablesOf } from './markdown.ts';
import { withResults } from './page.ts';

const lines: readonly Line[] = [
  {
    ...{ kind: 'machine', at: '2026-03-01T10:20:30.000Z', cpu: 'A processor', cores: 2 },
    ...{ memoryGiB: 23, kernel: '6.1', node: 'v20.19.0', redis: '7.0.15', load: 0.1 },
    ...{ command: 'npm run bench -- --rounds 3', commit: 'abc1234' },
  },
  ...[1, 2, 3].flatMap((round) => [
    runOf({ round, cpuPer100k: round }),
    runOf({ round, pump: 'naive', cpuPer100k: 10 }),
    runOf({ round, pump: 'tyk-pump', sink: 'kafka', failure: '5 records lost, 0 invented' }),
  ]),
  runOf({ pump: 'tyk-pump', sink: 'kafka', round: 3, cpuPer100k: 5 }),
];

describe('the groups of results', () => {
  it('have the spread of the rounds that count, and the number of those that do not', () => {
    const [csv, , kafka] = groupsOf(lines);

    expect(csv?.figures?.cpuPer100k).toEqual({ min: 1, median: 2, max: 3 });
    expect([csv?.failed, kafka?.rounds, kafka?.failed]).toEqual([0, 1, 2]);
  });

  it('are compared within a cell only', () => {
    const groups = groupsOf(lines);

    expect(groups.map((group) => timesOurs(group, groups))).toEqual([undefined, 5, undefined]);
  });
});

describe('the tables', () => {
  it('name the machine and the command, and show failed rounds', () => {
    const tables = tablesOf(lines);

    expect(tables).toContain(
      'A processor, 2 cores, 23 GiB, Linux 6.1, Node v20.19.0, Redis 7.0.15',
    );
    expect(tables).toContain('`npm run bench -- --rounds 3`');
    expect(tables).toContain('| 2.00 (1.00 – 3.00) |');
    expect(tables).toContain('| tyk-pump | 1, 2 failed |');
  });

  it('have one cell under each title', () => {
    const rows = tablesOf(lines)
      .split('\n')
      .filter((line) => line.startsWith('|'));

    expect(new Set(rows.map((row) => row.split('|').length)).size).toBe(1);
  });

  it('compare each pump with itself at no distance', () => {
    const far = [0, 20].flatMap((rtt) => [
      runOf({ rtt, encoding: 'both', recordsPerSecond: 100_000 - rtt * 2_000 }),
      runOf({
        rtt,
        encoding: 'both',
        recordsPerSecond: 20_000,
        secondsFromStart: 5,
        pump: 'naive',
      }),
    ]);
    const tables = tablesOf([...far, runOf({})]);

    expect(tables).toContain('| sluice | 20 | 1 | 60,000 | 0.60 |  |');
    expect(tables).toContain('| naive | 20 | 1 | 20,000 | 1.00 | 5.0 |');
    expect(tables).not.toContain('1KB, both');
  });

  it('name what a route does with its records', () => {
    const tables = tablesOf([runOf({}), runOf({ treatment: 'filter', cpuPer100k: 3 })]);

    expect(tables).toContain('| csv | 1KB, msgpack | 100k | sluice | 1 | 100,000 | 1.00 |');
    expect(tables).toContain('| csv | 1KB, msgpack, filter | 100k | sluice | 1 | 100,000 | 3.00 |');
  });

  it('say what further large records cost, without the start', () => {
    const large = (backlog: number, cpuPer100k: number, pump = 'sluice') =>
      runOf({ size: '10KB', backlog, cpuPer100k, pump });
    const tables = tablesOf([
      ...[large(60_000, 4), large(200_000, 2.6)],
      ...[large(60_000, 10, 'naive'), large(200_000, 9, 'naive')],
      runOf({ backlog: 60_000 }),
    ]);

    // 5.2 − 2.4 and 18 − 6 seconds for 140,000 more.
    expect(tables).toContain('| csv | 10KB, msgpack | sluice | 60k to 200k | 2.00 |  |');
    expect(tables).toContain('| csv | 10KB, msgpack | naive | 60k to 200k | 8.57 | 4.3 |');
    expect(tables).not.toContain('1KB, msgpack | sluice | 60k to');
  });

  it('take a start with nothing to do from one with a backlog', () => {
    const order = { kind: 'start', pump: 'sluice', sink: 'csv', backlog: 10_000, lost: 0 } as const;
    const lines: readonly Line[] = [
      { ...order, round: 1, emptyCpu: 0.3, cpu: 0.55 },
      { ...order, round: 2, emptyCpu: 0.3, cpu: 0.65 },
      { ...order, round: 3, emptyCpu: 0.3, cpu: 9, lost: 4 },
    ];

    expect(tablesOf(lines)).toContain('| csv | 10k | sluice | 2 | 0.30 | 0.30 (0.25 – 0.35) |');
  });

  it('say how old records are', () => {
    const line = { kind: 'freshness', pump: 'sluice', rate: 1_000, p50: 120, p99: 480 } as const;
    const more = { max: 500, late: 4, cpuPercent: 3.25, missing: 0 };

    const tables = tablesOf([
      { ...line, ...more },
      { ...line, ...more, delay: 2 },
    ]);
    expect(tables).toContain('| sluice | 1,000 | unset | 0.12 | 0.48 | 0.50 | 0.00 | 3.3 |');
    expect(tables).toContain('| sluice | 1,000 | 2 | 0.12 |');
  });

  it('compare healthy and refused drains', () => {
    const throttled = [
      { refused: 0, seconds: 2 },
      { refused: 30, seconds: 5 },
    ].map(({ refused, seconds }): Line => {
      const order = { kind: 'throttled', pump: 'sluice', backlog: 100_000, round: 1 } as const;
      return { ...order, refused, seconds };
    });

    expect(tablesOf(throttled)).toContain('| sluice | 100k | 2.00 | 5.00 | 2.5 |');
  });

  it('compare a drain with the console open and one without', () => {
    const order = { kind: 'watched', pump: 'sluice', backlog: 300_000, seconds: 3 } as const;
    const figures = { recordsPerSecond: 100_000, cpuPer100k: 0.5 };
    const watched: readonly Line[] = [
      { ...order, ...figures, round: 1, tabs: 5, asked: 20 },
      { ...order, ...figures, round: 1, tabs: 0, asked: 0 },
      { ...order, ...figures, round: 2, tabs: 0, asked: 0, cpuPer100k: 9, failure: 'it ended' },
    ];

    expect(tablesOf(watched)).toMatch(
      /\| 0 \| 300k \| 1 \| 100,000 \| 0\.50 \| 0 \|\n\| 5 \| 300k \| 1 \| 100,000 \| 0\.50 \| 20 \|/,
    );
  });
});

describe('the chart', () => {
  it('has a bar for each pump and sink of the slice that most are in', () => {
    const other = runOf({ backlog: 10_000, cpuPer100k: 77 });
    const chart = chartOf(groupsOf([...lines, other]));

    expect(chart.match(/<rect class="pump\d" x="130" y="(?!44)/g)).toHaveLength(3);
    expect(chart).toContain('backlog 100k');
    expect(chart).not.toContain('77.00');
    expect(chart).toContain('prefers-color-scheme: dark');
  });

  it('writes names as text, whatever is in them', () => {
    const chart = chartOf(groupsOf([runOf({ pump: '<b>&"' })]));

    expect(chart).toContain('&#60;b&#62;&#38;&#34;');
  });

  it('is empty without figures', () => {
    expect(chartOf(groupsOf([runOf({ failure: 'it ended' })]))).toBe('');
  });
});

describe('the page', () => {
  it('keeps what is written by hand', () => {
    const page = 'before\n<!-- results -->\nold\n<!-- /results -->\nafter\n';

    expect(withResults(page, 'TABLES', false)).toBe(
      'before\n<!-- results -->\n\nTABLES\n\n<!-- /results -->\nafter\n',
    );
  });

  it('is refused without its markers', () => {
    expect(() => withResults('nothing', 'TABLES', true)).toThrow('The page has no');
  });
});
