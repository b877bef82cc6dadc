/** deploy/systemd by systemd's own tool, where there is one; nothing is started. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { scratchFolder, Unavailable, whyUnavailable } from '../../services/process.ts';

const run = promisify(execFile);
const read = (file: string): Promise<string> =>
  readFile(new URL(`../../../${file}`, import.meta.url), 'utf8');

/** Tenths, as systemd counts them: 0 is a service that may do nothing, 100 one that may do all. */
const mostExposure = 20;

/** One that looks at a file without a running systemd. */
async function needAnalyze(): Promise<void> {
  const said = await run('systemd-analyze', ['--version']).catch(() => undefined);
  const [, version = '0'] = /^systemd (\d+)/.exec(said?.stdout ?? '') ?? [];
  if (Number(version) < 250) throw new Unavailable('There is no systemd-analyze of systemd 250.');
}

const obstacle = await whyUnavailable(needAnalyze);

it('systemd-analyze is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

/** The unit, with a program that is on this machine. */
async function unit(change: (text: string) => string = (text) => text): Promise<string> {
  const file = path.join(await scratchFolder('systemd'), 'sluice.service');
  const text = await read('deploy/systemd/sluice.service');
  await writeFile(file, change(text.replace('/usr/local/bin/sluice', process.execPath)));
  return file;
}

const analyze = (...args: readonly string[]) =>
  run('systemd-analyze', ['--no-pager', ...args]).then(
    ({ stdout, stderr }) => ({ ok: true, said: stdout + stderr }),
    (error: unknown) => {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return { ok: false, said: stdout + stderr };
    },
  );

describe.skipIf(obstacle !== undefined)('sluice.service', () => {
  const verify = (file: string) => analyze('verify', '--recursive-errors=no', file);
  const security = (file: string) =>
    analyze('security', '--offline=true', `--threshold=${mostExposure}`, file);

  it('says nothing that systemd does not know', async () => {
    expect(await verify(await unit())).toEqual({ ok: true, said: '' });
    const misspelt = await unit((text) => text.replace('ProtectClock', 'ProtectClocks'));
    expect((await verify(misspelt)).said).toMatch(/Unknown key.*'ProtectClocks'/);
  });

  it('may do little', async () => {
    const { ok, said } = await security(await unit());

    expect(ok, said).toBe(true);
    const bare = await unit((text) =>
      text.replace(/^(Capability|Protect|Private|System).*$/gm, ''),
    );
    expect((await security(bare)).ok).toBe(false);
  });
});

describe('sluice.service and the image', () => {
  const settingsOf = (text: string, pattern: RegExp): readonly string[] =>
    [...text.matchAll(pattern)].flatMap(([, words = '']) => words.split(' ')).sort();

  it('start the program with the same environment', async () => {
    // The last stage is the service's; those before it build, or capture.
    const service = (await read('Dockerfile')).split(/^FROM /m).at(-1) ?? '';
    const image = settingsOf(service, /^ENV (.*)$/gm);

    expect(image).not.toEqual([]);
    expect(settingsOf(await read('deploy/systemd/sluice.service'), /^Environment=(.*)$/gm)).toEqual(
      image,
    );
  });

  it('gives a stop more than the 27 seconds that it may take', async () => {
    const [, seconds] =
      /^TimeoutStopSec=(\d+)$/m.exec(await read('deploy/systemd/sluice.service')) ?? [];

    expect(Number(seconds)).toBeGreaterThan(27);
  });
});
