import { expect, it } from 'vitest';
import { loadConfig } from '../../config/load.ts';
import { aFile } from '../../config/testing.ts';
import { ContractError, StartError } from '../../lib/errors.ts';
import { Secrets } from '../../lib/mask.ts';
import { bytes, millis } from '../../lib/units.ts';
import type { FindPump } from '../../pump/check-pumps.ts';
import { definePump } from '../../pump/define-pump.ts';
import { FakeSink } from '../../route/testing/fake-sink.testing.ts';
import { recorder } from './boot.ts';
import { readBoot } from './read-boot.ts';

const types = ['mine'];
const env = { TYK_PMP_PURGEDELAY: '7' };
const mine = definePump({
  apiVersion: 1,
  type: 'mine',
  title: 'Mine',
  summary: 'Mine.',
  options: {},
  limits: { records: 10, bytes: bytes(1_000), age: millis(0), inFlight: 1 },
  repeats: 'harmless',
  guarantee: 'at-least-once',
  open: () => Promise.resolve(new FakeSink()),
});
const found: FindPump = () => Promise.resolve({ outcome: 'found', pump: mine });
const theFile = aFile({
  analytics_storage_config: { host: '127.0.0.1', port: 6379, password: 'tr0ub4dor' },
  pumps: { one: { type: 'mine' } },
});

/** What the main thread reads, and what it gives to a worker over the border between threads. */
async function booted(file: unknown) {
  const { readFile, files } = recorder(() =>
    Promise.resolve(typeof file === 'string' ? file : JSON.stringify(file)),
  );
  const load = { path: 'pump.conf', env, types };
  const { config } = await loadConfig({ ...load, readFile });
  const texts = { files, atStart: undefined, located: new Map() };
  return { config, boot: structuredClone({ load, texts }) };
}

it('gives a thread the configuration that the main thread has, with its pumps and its secrets', async () => {
  const { config, boot } = await booted(theFile);
  const secrets = new Secrets();
  const read = await readBoot(boot, { findPump: found, secrets });

  expect(read.config).toEqual(config);
  expect(read.config.purge.delay).toBe(7_000);
  expect(read.pumps.map(({ entry, kind }) => [entry.name, kind])).toEqual([['ONE', mine]]);
  expect(secrets.mask('it is tr0ub4dor')).not.toContain('tr0ub4dor');
});

it('fails where a thread would read something else than the main thread did', async () => {
  const { boot } = await booted('{ "pumps": ');
  await expect(readBoot(boot, { findPump: found, secrets: new Secrets() })).rejects.toThrow(
    ContractError,
  );
});

it('fails where a pump from outside can be loaded no more, and says why without a secret', async () => {
  const { boot } = await booted(theFile);
  const findPump: FindPump = () =>
    Promise.resolve({
      outcome: 'refused',
      found: 'a module that throws tr0ub4dor',
      expected: 'a pump',
    });
  const failing = readBoot(boot, { findPump, secrets: new Secrets() });
  await expect(failing).rejects.toThrow(StartError);
  await expect(failing).rejects.toThrow(/one\.type: found a module that throws .*expected a pump/);
  await expect(failing).rejects.not.toThrow('tr0ub4dor');
});

it('leaves out what the main thread has left out', async () => {
  const { boot } = await booted(theFile);
  const findPump: FindPump = () => Promise.resolve({ outcome: 'unknown' });
  const { pumps } = await readBoot(boot, { findPump, secrets: new Secrets() });
  expect(pumps).toEqual([]);
});

it('keeps what takes effect at the next start as it was at this one, after a reload', async () => {
  const files = (sluice: object) =>
    new Map([
      [
        'pump.conf',
        JSON.stringify({
          ...aFile(),
          pumps: { one: { type: 'mine' } },
          analytics_storage_config: { host: 'h', port: 6379 },
          sluice,
        }),
      ],
    ]);
  const texts = {
    files: files({ lease: '20s', workers: 3, attempt_timeout: '9s' }),
    atStart: files({ lease: '10s', workers: 2 }),
    located: new Map(),
  };
  const load = { path: 'pump.conf', env, types };

  const { config } = await readBoot({ load, texts }, { findPump: found, secrets: new Secrets() });

  expect(config.delivery).toMatchObject({ lease: 10_000, attemptTimeout: 9_000 });
  expect(config.workers).toBe(2);
});
