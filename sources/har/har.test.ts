import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aborted } from '#source';
import { until } from '../../test/services/process.ts';
import { aHar, anEntry, type HarUnderTest, startHarSource } from './har.testing.ts';

let folder = '';
const running: HarUnderTest[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'har-'));
});

afterEach(async () => {
  for (const source of running.splice(0)) await source.stop();
  await rm(folder, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);
const start: typeof startHarSource = async (...how) => {
  const source = await startHarSource(...how);
  running.push(source);
  return source;
};
const said = ({ log }: HarUnderTest, message: string) =>
  log.lines.filter((line) => line.message === message).map(({ fields }) => fields);

describe('files', () => {
  it('are imported, those of a folder by name, and the source comes to its end', async () => {
    await writeFile(at('b.har'), aHar([anEntry({ startedDateTime: '2026-01-02T00:00:00Z' })]));
    await writeFile(at('a.HAR'), aHar([anEntry({ startedDateTime: '2026-01-01T00:00:00Z' })]));
    await writeFile(at('c.json'), aHar([anEntry()]));
    const har = await start({ files: [folder], api_name: 'Shop', direction: 'in' });

    expect(await har.source.ended).toBe(true);
    expect(har.exchanges.map(({ startedAt }) => new Date(startedAt).getUTCDate())).toEqual([1, 2]);
    expect(har.exchanges[0]).toMatchObject({ direction: 'in', call: { apiName: 'Shop' } });
    expect(said(har, 'A file has been imported.')).toEqual([
      { file: at('a.HAR'), imported: 1, skipped: 0 },
      { file: at('b.har'), imported: 1, skipped: 0 },
    ]);
  });

  it('are imported as far as they go, and all that is missing is told', async () => {
    const broken = aHar([anEntry(), anEntry({ request: 1 }), anEntry()]).slice(0, -20);
    await writeFile(at('a.har'), broken);
    const har = await start({ files: [at('a.har'), at('none.har')] });

    expect(await har.source.ended).toBe(false);
    expect(har.exchanges).toHaveLength(1);
    const [odd, last] = said(har, 'An entry was skipped.');
    const reason = 'expected an object in request, found a number';
    expect(odd).toEqual({ file: at('a.har'), entry: 1, reason });
    expect(last?.['reason']).toBe(`it ends within this entry, at byte ${broken.length}`);
    const [missing] = said(har, 'A file cannot be imported.');
    expect(missing?.['file']).toBe(at('none.har'));
    expect(missing?.['reason']).toMatch(/ENOENT/);
    expect(har.metrics.of('sluice_capture_har_entries_total', 'skipped')).toBe(2);
  });

  it('say no value of an entry that is wrong', async () => {
    await writeFile(at('a.har'), '{"log":{"entries":[{"password": hunter2}]}}');
    const har = await start({ files: [at('a.har')] });

    expect(await har.source.ended).toBe(false);
    expect(JSON.stringify(har.log.lines)).not.toContain('hunter2');
  });

  it('are told one by one up to a bound where entries are wrong', async () => {
    await writeFile(at('a.har'), aHar(Array.from({ length: 250 }, () => null)));
    const har = await start({ files: [at('a.har')] });

    await har.source.ended;
    expect(said(har, 'An entry was skipped.')).toHaveLength(100);
    expect(said(har, 'More entries were skipped.')).toEqual([{ file: at('a.har'), entries: 150 }]);
  });

  it('wait for room among the records, and end in the middle at a stop', async () => {
    await writeFile(at('a.har'), aHar([anEntry(), anEntry(), anEntry()]));
    let letThrough = 1;
    const har = await start(
      { files: [at('a.har')] },
      {
        writing: {
          room: (signal) => (letThrough-- > 0 ? Promise.resolve() : aborted(signal)),
          written: () => Promise.resolve(true),
        },
      },
    );
    await until('one is there', () => har.exchanges.length === 1);
    await har.stop();

    expect(await har.source.ended).toBe(false);
    expect(har.exchanges).toHaveLength(1);
    expect(said(har, 'A file has been imported in part: it was stopped in the middle.')).toEqual([
      { file: at('a.har'), imported: 1, skipped: 0 },
    ]);
  });

  it('are not taken for imported where their records are lost', async () => {
    await writeFile(at('a.har'), aHar([anEntry()]));
    const har = await start(
      { files: [at('a.har')], state_file: at('state') },
      { writing: { room: () => Promise.resolve(), written: () => Promise.resolve(false) } },
    );

    expect(await har.source.ended).toBe(false);
    await expect(readFile(at('state'))).rejects.toThrow('ENOENT');
  });

  it('are imported at each start, unless a state file says that they were', async () => {
    await writeFile(at('a.har'), aHar([anEntry()]));
    const files = [at('a.har')];
    const seen = async (more: object): Promise<number> => {
      const har = await start({ files, ...more });
      expect(await har.source.ended).toBe(true);
      return har.exchanges.length;
    };

    expect([await seen({}), await seen({})]).toEqual([1, 1]);
    const state = { state_file: at('state') };
    expect([await seen(state), await seen(state)]).toEqual([1, 0]);
    await writeFile(at('a.har'), aHar([anEntry(), anEntry()]));
    expect(await seen(state)).toBe(2);
    await writeFile(at('state'), 'something else');
    await expect(start({ files, ...state })).rejects.toThrow(/is no state of ours/);
  });

  it('are found when they are new, where somebody watches, once they are complete', async () => {
    const har = await start({ files: [folder], watch: true });
    expect(har.source.ended).toBeUndefined();
    const text = aHar([anEntry(), anEntry()]);
    await writeFile(at('a.har'), text.slice(0, 900));
    await appendFile(at('a.har'), text.slice(900));

    await until('it is imported', () => har.exchanges.length === 2);
    await writeFile(at('b.har'), aHar([anEntry()]));
    await until('another is imported', () => har.exchanges.length === 3);
    expect(said(har, 'An entry was skipped.')).toEqual([]);
  }, 20_000);
});

describe('options', () => {
  it.each([
    [{}, 'a file or a folder, or somewhere to listen (listen)'],
    [{ watch: true, listen: '127.0.0.1:0' }, 'files or folders to look at (files)'],
    [{ listen: '0.0.0.0:0' }, 'a token, as others than this machine can reach listen'],
    [
      { listen: ':0', origins: ['*'] },
      'an origin such as https://example.com or chrome-extension://<id>',
    ],
  ])('%j: expected %s', async (raw, words) => {
    await expect(start(raw)).rejects.toThrow(words);
  });
});
