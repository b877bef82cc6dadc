import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../../../pumps/index.ts';
import { loadConfig } from '../../config/load.ts';
import { reviewRules } from '../../edit/review-rules.ts';
import { reviewPumps } from '../../pump/review-pumps.ts';
import { aContext } from '../testing.ts';
import { newConfig } from './new.ts';

const readExample = (type: string): Promise<string> =>
  readFile(new URL(`../../../pumps/${type}/example.json`, import.meta.url), 'utf8');

async function run(pumps: readonly string[], output = '') {
  const context = aContext();
  const code = await newConfig({ kind: 'new', pumps, flags: { help: false, output } }, context, {
    ...{ findPump, types: pumpTypes, readExample },
  });
  return { code, out: context.out(), err: context.err() };
}

/** What `validate --strict` says, and the pumps there are. */
async function strictly(text: string) {
  const loaded = await loadConfig({
    path: 'new.conf',
    env: {},
    readFile: () => Promise.resolve(text),
    types: pumpTypes,
  });
  const { pumps, config, problems } = loaded;
  const reviewed = await reviewPumps(pumps, { findPump, admin: config?.health });
  return {
    said: [...problems, ...reviewed.problems, ...reviewed.leftOut, ...(await reviewRules(pumps))],
    pumps: reviewed.usable,
  };
}

const ofCalls = pumpTypes.filter((type) => !type.startsWith('uptime-'));

describe('sluice new', () => {
  it.each(pumpTypes)('%s makes what passes validate --strict', async (type) => {
    const { code, out } = await run([type]);
    expect(code).toBe(0);
    const { said, pumps } = await strictly(out);
    expect(said).toEqual([]);
    expect(pumps.map(({ kind }) => kind.type)).toContain(type);
    for (const { entry } of pumps) expect(entry.rules.redact?.presets).toEqual(['secrets']);
  });

  it.each([
    [['elasticsearch', 'kafka', 'uptime-sql']],
    [['search=elasticsearch', 'audit=file', 'file']],
    [['uptime-mongo', 'csv']],
    [ofCalls],
  ])('%j passes as well', async (types) => {
    const { said, pumps } = await strictly((await run(types)).out);
    expect(said).toEqual([]);
    expect(pumps).toHaveLength(types.length);
  });

  it('says what is to be looked at', async () => {
    expect((await run(['audit=http', 'uptime-sql'])).err).toBe(
      'Look at these: analytics_storage_config, pumps.audit.meta, uptime_pump_config. Then: sluice validate --connect --conf FILE\n',
    );
  });

  it('writes a file for its owner alone, and never over another', async () => {
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'new-')), 'pump.conf');
    expect(await run(['stdout'], file)).toMatchObject({ code: 0, out: '' });
    const text = await readFile(file, 'utf8');
    expect((await strictly(text)).said).toEqual([]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await run(['csv'], file)).toEqual({
      ...{ code: 1, out: '' },
      err: `sluice: error: ${file}: is there already, and is not written over\n`,
    });
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it.each([
    [['elastic-search'], 'no pump elastic-search; did you mean elasticsearch? (there are '],
    [['../../etc'], 'no pump ../../etc (there are '],
    [['file', 'FILE'], 'file is named twice; give each a name of its own, such as file2=file'],
    [['a_b=file'], 'a_b is no name for a pump'],
    [['=file'], 'an empty text is no name for a pump'],
    [['uptime-sql', 'uptime-mongo'], 'there can be one pump of uptime records alone'],
    [['a\u001b[2J'], String.raw`no pump a\u001b[2J`],
  ])('refuses %j', async (pumps, expected) => {
    const { code, out, err } = await run(pumps);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`sluice: error: ${expected}`);
  });
});
