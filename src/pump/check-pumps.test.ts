import { describe, expect, it } from 'vitest';
import dummy from '../../pumps/dummy/index.ts';
import type { PumpEntry } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { checkPumps, type FoundPump } from './check-pumps.ts';

const type = './mine.mjs';

async function entries(written: string, allowed: readonly string[]): Promise<readonly PumpEntry[]> {
  const file = {
    analytics_storage_config: { host: 'redis', port: 6379 },
    pumps: { mine: { type: written } },
    sluice: { plugins: allowed },
  };
  const readFile = () => Promise.resolve(JSON.stringify(file));
  return (await loadConfig({ path: 'pump.conf', env: {}, readFile })).pumps;
}

async function check(found: FoundPump, written = type, allowed: readonly string[] = [type]) {
  const asked: (string | undefined)[][] = [];
  const checked = await checkPumps(await entries(written, allowed), (name, plugin) => {
    asked.push([name, plugin?.folder]);
    return Promise.resolve(found);
  });
  return { ...checked, asked };
}

describe('a pump that stores base64', () => {
  const mine = { ...dummy, storesEncoded: true };

  it('is told nothing where nobody asks for anything else', async () => {
    const { problems, usable } = await check({ outcome: 'found', pump: mine });

    expect(problems).toEqual([]);
    expect(usable).toMatchObject([{ entry: { rawRequestDecoded: false } }]);
  });

  it.each(['raw_request_decoded', 'raw_response_decoded'])('warns of %s', async (option) => {
    const [entry] = await entries(type, [type]);
    const asked = { rawRequestDecoded: true, rawResponseDecoded: true };
    const found = { outcome: 'found', pump: mine } as const;

    const { problems, usable } = await checkPumps([{ ...entry!, ...asked }], () =>
      Promise.resolve(found),
    );

    expect(problems).toContainEqual(
      expect.objectContaining({
        source: 'pump.conf',
        key: `pumps.mine.${option}`,
        severity: 'warning',
      }),
    );
    expect(usable).toMatchObject([
      { entry: { rawRequestDecoded: false, rawResponseDecoded: false } },
    ]);
  });
});

describe('an entry that names a module', () => {
  it('is a pump like any other, with a note about the file', async () => {
    const found = { outcome: 'found', pump: dummy, from: '/etc/mine.mjs' } as const;
    const { usable, notes, problems, asked } = await check(found);

    expect(usable).toMatchObject([{ entry: { name: 'MINE', type } }]);
    expect(notes).toEqual([
      {
        source: 'pump.conf',
        key: 'pumps.mine.type',
        text: 'is a pump from outside: /etc/mine.mjs, which runs with the rights of the service',
      },
    ]);
    expect(problems).toEqual([]);
    expect(asked).toEqual([[type, '.']]);
  });

  it('ends the start where it is no pump, and is not left out', async () => {
    const { problems, leftOut, usable } = await check({
      outcome: 'refused',
      found: 'a stone',
      expected: 'a pump',
    });

    expect(problems).toEqual([
      {
        source: 'pump.conf',
        key: 'pumps.mine.type',
        found: 'a stone',
        expected: 'a pump',
        severity: 'error',
      },
    ]);
    expect({ leftOut, usable }).toEqual({ leftOut: [], usable: [] });
  });

  it('is not even looked for until it is allowed', async () => {
    const { asked, usable } = await check({ outcome: 'found', pump: dummy }, type, []);

    expect({ asked, usable }).toEqual({ asked: [], usable: [] });
  });
});

it.each(['mine.mjs', 'pumps/mine.js', '@acme/sluice-pump-x'])(
  'an unknown type such as %s brings to mind how a module is written',
  async (written) => {
    const { leftOut } = await check({ outcome: 'unknown' }, written);

    expect(leftOut[0]?.expected).toContain('that of a module begins with "./", "/" or "npm:"');
  },
);

describe('a pump of another kind of records', () => {
  it('is no pump for calls, and is told where it belongs', async () => {
    const { problems, usable } = await check({
      outcome: 'found',
      pump: { ...dummy, records: 'uptime' },
    });

    expect(usable).toEqual([]);
    expect(problems).toEqual([
      expect.objectContaining({
        key: 'pumps.mine.type',
        expected: expect.stringContaining('uptime_pump_config') as string,
        severity: 'error',
      }),
    ]);
  });
});
