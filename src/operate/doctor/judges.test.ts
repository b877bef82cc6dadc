import { describe, expect, it } from 'vitest';
import { aConfig } from '../../cli/testing.ts';
import { mebibytes, seconds } from '../../lib/units.ts';
import { someBounds } from '../../purge/parts.testing.ts';
import { shownBytes, shownTime } from './finding.ts';
import { judgeCertificate } from './judge-certificate.ts';
import { judgeExpiry, judgeLayouts } from './judge-lists.ts';
import { judgeMachine, type Machine } from './judge-machine.ts';
import { judgeSpill, type SpillDisk } from './judge-spill.ts';

const day = 86_400_000;

describe('judgeCertificate', () => {
  it.each([
    [200, 'ok', /good for 200 days/],
    [10, 'warning', /expires in 10 days/],
    [1, 'error', /expires in 24 hours/],
    [-1, 'error', /^expired 19/],
  ] as const)('%i days before its end', (days, level, what) => {
    const now = 100 * day;
    const finding = judgeCertificate('x', { from: 0, until: now + days * day }, now);
    expect(finding).toMatchObject({
      subject: 'x',
      level,
      what: expect.stringMatching(what) as string,
    });
  });

  it('that is not valid yet', () => {
    expect(judgeCertificate('x', { from: 2 * day, until: 9 * day }, day).level).toBe('error');
  });
});

describe('judgeSpill', () => {
  const there: SpillDisk = {
    ...{ kind: 'there', free: 2000, total: 4000, isInMemory: false, isMissing: false },
  };
  it.each([
    [there, ['ok']],
    [{ ...there, free: 900 }, ['warning']],
    [{ ...there, isInMemory: true }, ['warning', 'ok']],
    [{ kind: 'unusable', reason: 'no' }, ['error']],
  ] as const)('%j', (disk, levels) => {
    const findings = judgeSpill('/spill', disk, 1000);
    expect(findings.map(({ level }) => level)).toEqual(levels);
    expect(findings.every(({ subject }) => subject === '/spill')).toBe(true);
  });
});

describe('judgeMachine', () => {
  const machine = (changes: Partial<Machine> = {}): Machine => ({
    ...{ node: '20.19.0', mostOpenFiles: 65_536, memoryLimit: undefined, knowsZone: () => true },
    ...changes,
  });
  const bounds = someBounds({ cacheBytes: mebibytes(64), inFlightBytes: mebibytes(32) });
  it.each([
    ['all well', machine(), []],
    ['old Node', machine({ node: '20.9.0' }), ['node error']],
    ['older Node', machine({ node: '18.20.0' }), ['node error']],
    ['newer Node', machine({ node: '24.1.0' }), []],
    ['few files', machine({ mostOpenFiles: 512 }), ['open files warning']],
    ['hardly any files', machine({ mostOpenFiles: 64 }), ['open files error']],
    ['unknown files', machine({ mostOpenFiles: undefined }), []],
    ['no zones', machine({ knowsZone: (name) => name === 'UTC' }), ['time zones warning']],
    ['enough memory', machine({ memoryLimit: mebibytes(512) }), []],
    ['little memory', machine({ memoryLimit: mebibytes(128) }), ['memory warning']],
  ] as const)('%s', (_, given, expected) => {
    const findings = judgeMachine(given, aConfig({ bounds }));
    expect(
      findings.filter(({ level }) => level !== 'ok').map(({ check, level }) => `${check} ${level}`),
    ).toEqual(expected);
  });

  it('knows nothing of bounds without a configuration', () => {
    const checks = judgeMachine(machine(), undefined).map(({ check }) => check);
    expect(checks).toEqual(['node', 'time zones', 'open files']);
  });
});

describe('judgeExpiry', () => {
  const look = (records: number, expiresIn: number | undefined) => ({
    list: 'L',
    look: {
      ...{ by: 'redis' as const, since: 0, until: 0, first: undefined, claimed: undefined },
      ...{ records, expiresIn },
    },
  });
  it.each([
    [[look(0, undefined)], 'ok', /no list/],
    [[look(5, undefined)], 'ok', /none of which expires/],
    [[look(5, 60_000), look(7, 40_000)], 'ok', /7 records of L expire in 40 s/],
    [[look(5, 60_000), look(7, 3_000)], 'warning', /7 records of L expire in 3 s/],
    [[look(5, 60_000), { list: 'M', look: { refusal: 'PTTL: NOPERM' } }], 'note', /NOPERM/],
  ] as const)('%#', (lists, level, what) => {
    expect(judgeExpiry(lists, { delay: seconds(2), chunk: 0 })).toMatchObject({
      level,
      what: expect.stringMatching(what) as string,
    });
  });
});

it('judgeLayouts names each list that is foreign', () => {
  expect(judgeLayouts([])).toMatchObject([{ level: 'ok' }]);
  expect(judgeLayouts([{ list: 'L', reason: 'its layout is 9' }])).toMatchObject([
    { level: 'error', subject: 'L', what: 'its layout is 9' },
  ]);
});

it('shows figures in words', () => {
  expect([999, 2048, 5 * 1024 ** 3].map(shownBytes)).toEqual(['999 bytes', '2.0 KiB', '5.0 GiB']);
  expect([5_000, 600_000, 36_000_000, 30 * day].map(shownTime)).toEqual([
    ...['5 s', '10 minutes', '10 hours', '30 days'],
  ]);
});
