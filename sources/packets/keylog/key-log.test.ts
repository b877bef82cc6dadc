import { appendFile, chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { FollowedKeyLog } from './follow.ts';
import { KeyLog } from './key-log.ts';

const randomOf = (number: number): Buffer => Buffer.alloc(32, number);
const master = (number: number): string =>
  `CLIENT_RANDOM ${randomOf(number).toString('hex')} ${'ab'.repeat(48)}\n`;

function aKeyLog(isGrowing = true) {
  const state = { now: 0, refused: 0 };
  const keyLog = new KeyLog(
    isGrowing,
    () => state.now,
    () => state.refused++,
  );
  const has = (number: number): boolean => keyLog.of(randomOf(number), 'TLSv1.2') !== undefined;
  return { keyLog, state, has };
}

describe('secrets', () => {
  it('of TLS 1.3 are there when all four are, in any order', () => {
    const { keyLog } = aKeyLog();
    const random = randomOf(7).toString('hex');
    const labels = ['SERVER_TRAFFIC_SECRET_0', 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'];
    labels.push('CLIENT_TRAFFIC_SECRET_0', 'SERVER_HANDSHAKE_TRAFFIC_SECRET');
    const seen = labels.map((label, index) => {
      keyLog.add(`${label} ${random} ${String(index).repeat(64)}\n`);
      return keyLog.of(randomOf(7), 'TLSv1.3') !== undefined;
    });

    expect(seen).toEqual([false, false, false, true]);
    expect(keyLog.of(randomOf(7), 'TLSv1.3')).toMatchObject({
      handshake: [Buffer.alloc(32, 0x11), Buffer.alloc(32, 0x33)],
      traffic: [Buffer.alloc(32, 0x22), Buffer.alloc(32, 0x00)],
    });
    expect(keyLog.of(randomOf(7), 'TLSv1.2')).toBeUndefined();
  });

  it('are told to who waits for them; the others wait on, for five seconds', () => {
    const { keyLog, state, has } = aKeyLog();
    const told: string[] = [];
    const wait = (number: number): boolean =>
      keyLog.wait(randomOf(number), {
        look: () => told.push(`look ${number} ${has(number)}`),
        giveUp: () => told.push(`give up ${number}`),
      });
    wait(1);
    wait(2);

    keyLog.add(master(1) + master(3));
    state.now = 5000;
    keyLog.sweep();
    expect(told).toEqual(['look 1 true']);
    state.now = 5001;
    keyLog.sweep();
    expect(told).toEqual(['look 1 true', 'give up 2']);
    wait(4);
    keyLog.close();
    expect(told.at(-1)).toBe('give up 4');
    expect(wait(5)).toBe(false);
  });

  it('are kept up to a bound, and so are those who wait', () => {
    const { keyLog } = aKeyLog();
    const hex = (number: number): string => number.toString(16).padStart(64, '0');
    const count = 50_001;
    keyLog.add(
      Array.from({ length: count }, (_, at) => `CLIENT_RANDOM ${hex(at)} ${'0'.repeat(96)}`).join(
        '\n',
      ),
    );
    const known = (number: number): boolean =>
      keyLog.of(Buffer.from(hex(number), 'hex'), 'TLSv1.2') !== undefined;
    expect([known(0), known(1), known(count - 1)]).toEqual([false, true, true]);

    const waiting = { look: () => undefined, giveUp: () => undefined };
    const taken = Array.from({ length: 300 }, (_, at) => keyLog.wait(randomOf(at), waiting));
    expect(taken.filter(Boolean)).toHaveLength(256);
  });

  it('are never made of lines that are none, whatever these are', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const { keyLog, state } = aKeyLog();
        keyLog.add(`${text}\n${master(1)}`);
        expect(keyLog.of(randomOf(1), 'TLSv1.2')).toBeDefined();
        const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
        expect(state.refused).toBe(lines.length);
      }),
    );
  });
});

describe('a key log that is followed', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'keylog-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is read on where it was, whole lines only, and anew where it is another one', async () => {
    const { keyLog, state, has } = aKeyLog();
    const log = memoryLog();
    const file = path.join(folder, 'keys.log');
    const followed = new FollowedKeyLog(file, keyLog, log);

    await followed.read();
    await followed.read();
    expect(followed.trouble).toMatch(/ENOENT/);

    await writeFile(file, master(1) + master(2).slice(0, 50), { mode: 0o600 });
    await followed.read();
    expect([has(1), has(2), followed.trouble]).toEqual([true, false, undefined]);
    await appendFile(file, master(2).slice(50));
    await followed.read();
    expect(has(2)).toBe(true);

    const other = path.join(folder, 'other.log');
    await writeFile(other, `${master(3)}${master(4)}${master(5)}`, { mode: 0o600 });
    await rename(other, file);
    await followed.read();
    await writeFile(file, master(6));
    await followed.read();
    expect([has(3), has(5), has(6), state.refused]).toEqual([true, true, true, 0]);
    expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'warn: The key log cannot be read; it is looked for again.',
      'info: The key log is read.',
    ]);
  });

  it('that others can read is said, once, and nothing of what is in it', async () => {
    const { keyLog } = aKeyLog();
    const log = memoryLog();
    const file = path.join(folder, 'keys.log');
    await writeFile(file, master(1));
    await chmod(file, 0o644);
    const followed = new FollowedKeyLog(file, keyLog, log);
    await followed.read();
    await followed.read();

    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatchObject({ level: 'warn', fields: { path: file } });
    expect(JSON.stringify(log.lines)).not.toContain('abab');
  });
});
