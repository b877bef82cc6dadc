import { describe, expect, test } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { isOutage, OutageLog } from './connect-outage.ts';

const outageLog = () => {
  const log = memoryLog();
  return { log, outage: new OutageLog(log, { address: 'redis:6379' }) };
};
const messages = (log: ReturnType<typeof memoryLog>): readonly string[] =>
  log.lines.map(({ level, message }) => `${level}: ${message}`);

describe('an outage', () => {
  test('is said once, and its end once', () => {
    const { log, outage } = outageLog();

    outage.back();
    for (let attempt = 0; attempt < 9; attempt++) outage.away(new Error('connect ECONNREFUSED'));
    outage.back();
    outage.back();

    expect(messages(log)).toEqual([
      'info: Connected to Redis.',
      'warn: Redis is away; reconnecting until it is back.',
      'info: Redis is back.',
    ]);
  });

  test('that turns into a refusal is an error besides, once', () => {
    const { log, outage } = outageLog();

    outage.away(new Error('connect ECONNREFUSED'));
    outage.away(new Error('WRONGPASS invalid username-password pair'));
    outage.away(new Error('WRONGPASS invalid username-password pair'));
    outage.away(new Error('the connection was closed'));

    expect(messages(log)).toEqual([
      'warn: Redis is away; reconnecting until it is back.',
      'error: Redis refuses us.',
    ]);
  });

  test('keeps what ioredis adds to an error out of the log', () => {
    const { log, outage } = outageLog();
    const command = { name: 'auth', args: ['hunter2'] };

    outage.away(Object.assign(new Error('WRONGPASS'), { command }));

    expect(log.text()).not.toContain('hunter2');
  });
});

describe('a failed command', () => {
  test.each([
    'Connection is closed.',
    "Stream isn't writeable and enableOfflineQueue options is false",
    'Command timed out',
    'Too many Cluster redirections. Last error: CLUSTERDOWN',
    'LOADING Redis is loading the dataset in memory',
    "READONLY You can't write against a read only replica.",
    'ERR Error running script: @user_script: 1: -READONLY You cannot write',
    'connect ECONNREFUSED 127.0.0.1:6379',
  ])('counts as an outage: %s', (message) => {
    expect(isOutage(new Error(message))).toBe(true);
  });

  test.each([
    'NOPERM no permissions',
    'WRONGTYPE Operation against a key',
    'OOM command not allowed',
  ])('is an answer: %s', (message) => {
    expect(isOutage(new Error(message))).toBe(false);
  });
});
