import {
  appendFile,
  copyFile,
  mkdtemp,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Exchange, type Source, systemClock, type Writing } from '#source';
import { nothingWaits } from '../../src/capture/exchange.testing.ts';
import { CountingMetrics } from '../../src/lib/metrics.testing.ts';
import { memoryLog } from '../../test/services/memory-log.ts';
import accessLog from './index.ts';

let folder = '';
const running: Source[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'access-log-'));
});

afterEach(async () => {
  for (const source of running.splice(0)) await source.stop(AbortSignal.abort());
  await rm(folder, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);
const line = (number: number): string =>
  `10.0.0.${number % 250} - - [01/Dec/2026:10:00:00 +0000] "GET /${number} HTTP/1.1" 200 5 "-" "curl"\n`;
const lines = (...numbers: readonly number[]): string => numbers.map(line).join('');

async function start(raw: object, writing: Writing = nothingWaits) {
  const { source: prepared, problems } = accessLog.prepare({
    raw: { type: 'access-log', file: [at('access.log')], format: 'nginx', ...raw },
    ...{ source: 'test', at: '', env: {}, layers: [], unresolved: new Map(), allowed: ['type'] },
  });
  if (prepared === undefined) throw new Error(JSON.stringify(problems));
  const exchanges: Exchange[] = [];
  const [metrics, log] = [new CountingMetrics(), memoryLog()];
  const source = await prepared.start({
    ...{ name: 'log', log, metrics, clock: systemClock, bodyLimit: 0, isRecording: true, writing },
    ...{ redis: undefined, record: (exchange) => void exchanges.push(exchange) },
  });
  running.push(source);
  const seen = (): readonly number[] =>
    exchanges.map(({ request }) => Number(request.target.slice(1)));
  const stop = async (): Promise<void> => {
    running.splice(running.indexOf(source), 1);
    await source.stop(AbortSignal.timeout(1000));
  };
  return { source, seen, log, metrics, stop };
}

const waitFor = (seen: () => readonly number[], ...numbers: readonly number[]) =>
  expect.poll(seen, { timeout: 10_000 }).toEqual(numbers);

describe('files', () => {
  it('are read to their end, with a last line that has no line feed', async () => {
    await writeFile(at('access.log'), `${lines(1, 2)}${line(3).trimEnd()}`);
    const { source, seen } = await start({});

    expect(await source.ended).toBe(true);
    expect(seen()).toEqual([1, 2, 3]);
  });

  it('have lines that are skipped, counted and told', async () => {
    await writeFile(at('access.log'), `${line(1)}nonsense\n\n${'x'.repeat(70_000)}\n${line(2)}`);
    const { source, seen, log, metrics } = await start({});

    expect(await source.ended).toBe(false);
    expect(seen()).toEqual([1, 2]);
    const file = at('access.log');
    expect(log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields)).toEqual([
      { file, byte: line(1).length, reason: 'it is not of the format' },
      { file, byte: line(1).length + 10, reason: 'it is longer than 64 KiB' },
    ]);
    expect(metrics.of('sluice_capture_access_log_lines_total', 'skipped')).toBe(2);
  });

  it('that are not there are told', async () => {
    const { source, log } = await start({});

    expect(await source.ended).toBe(false);
    expect(log.lines.at(-1)?.message).toBe('A log cannot be read.');
  });
});

describe('a log that is followed', () => {
  it('is read as it grows, line by line, from where it was asked to begin', async () => {
    await writeFile(at('access.log'), lines(1));
    const { seen } = await start({ follow: true, begin: 'end' });
    await new Promise((resolve) => setTimeout(resolve, 700));
    await appendFile(at('access.log'), line(2).slice(0, 20));
    await appendFile(at('access.log'), line(2).slice(20) + line(3));

    await waitFor(seen, 2, 3);
  });

  it('is read to its end when it is put aside, and then the one in its place', async () => {
    await writeFile(at('access.log'), lines(1));
    const { seen } = await start({ follow: true });
    await waitFor(seen, 1);
    await rename(at('access.log'), at('access.log.1'));
    await appendFile(at('access.log.1'), lines(2));
    await writeFile(at('access.log'), lines(3));

    await waitFor(seen, 1, 2, 3);
    await appendFile(at('access.log'), lines(4));
    await waitFor(seen, 1, 2, 3, 4);
  });

  it('is read from its beginning when it was cut, also where it has grown beyond since', async () => {
    await writeFile(at('access.log'), lines(1));
    const { seen } = await start({ follow: true });
    await waitFor(seen, 1);
    await copyFile(at('access.log'), at('access.log.1'));
    await truncate(at('access.log'));
    await appendFile(at('access.log'), lines(20, 21, 22));

    await waitFor(seen, 1, 20, 21, 22);
  });

  it.each(['start', 'end'])('is waited for where it is not there yet: %s', async (begin) => {
    const { seen, log } = await start({ follow: true, begin });
    await expect.poll(() => log.warnings().length).toBe(1);
    await writeFile(at('access.log'), lines(1));

    await waitFor(seen, 1);
  });
});

describe('a restart', () => {
  const state = () => ({ state_file: at('state') });

  it('goes on where it was, and loses and doubles nothing after a stop', async () => {
    await writeFile(at('access.log'), lines(1, 2));
    const first = await start({ follow: true, ...state() });
    await waitFor(first.seen, 1, 2);
    await first.stop();
    await appendFile(at('access.log'), lines(3));

    const second = await start({ follow: true, ...state() });
    await waitFor(second.seen, 3);
  });

  it('goes on in the file that was put aside meanwhile', async () => {
    await writeFile(at('access.log'), lines(1));
    const first = await start({ follow: true, ...state() });
    await waitFor(first.seen, 1);
    await first.stop();
    await appendFile(at('access.log'), lines(2));
    await rename(at('access.log'), at('access.log.1'));
    await writeFile(at('access.log'), lines(3));

    const second = await start({ follow: true, ...state() });
    await waitFor(second.seen, 2, 3);
  });

  it('says where the file that was read is gone', async () => {
    await writeFile(at('access.log'), lines(1));
    const first = await start({ follow: true, ...state() });
    await waitFor(first.seen, 1);
    await first.stop();
    await writeFile(at('other'), lines(7));
    await rename(at('other'), at('access.log'));

    const second = await start({ follow: true, ...state() });
    await waitFor(second.seen, 7);
    expect(second.log.warnings()[0]).toMatch(/no longer there/);
  });

  it('reads again what was not written', async () => {
    await writeFile(at('access.log'), lines(1));
    const first = await start(state(), { ...nothingWaits, written: () => Promise.resolve(false) });
    expect(await first.source.ended).toBe(false);
    await expect(readFile(at('state'))).rejects.toThrow('ENOENT');

    const second = await start(state());
    expect(await second.source.ended).toBe(true);
    expect(second.seen()).toEqual([1]);
    const third = await start(state());
    expect(await third.source.ended).toBe(true);
    expect(third.seen()).toEqual([]);
  });
});
