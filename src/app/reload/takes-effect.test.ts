import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aConfig } from '../../cli/testing.ts';
import type { Config } from '../../config/config.ts';
import { ownOptions } from '../../config/own-options.ts';
import { globalOptions } from '../../config/service-options.ts';
import { bytes, millis } from '../../lib/units.ts';
import { changedSettings, inForce, settings, waitingOptions } from './takes-effect.ts';

/** They are of routes, or are read anew whatever they say. */
const elsewhere = new Set(['sluice.records', 'sluice.plugins', 'max_record_size']);
const said = settings.flatMap(({ options }) => options);

describe('What takes effect at a reload', () => {
  it('is known of every option of the service that has an effect', () => {
    const all = [
      ...Object.entries(globalOptions),
      ...Object.entries(ownOptions).map(([name, option]) => [`sluice.${name}`, option] as const),
    ];
    const needed = all
      .filter(([name, option]) => !('withoutEffect' in option) && !elsewhere.has(name))
      .map(([name]) => name)
      // An entry of `pumps`, in other words.
      .filter((name) => name !== 'dont_purge_uptime_data');
    expect([...said].sort()).toEqual([...needed].sort());
  });

  it('stands in docs/reload.md', () => {
    const words = {
      now: 'with the reload',
      routes: 'with the reload; every pump is handed over',
      start: 'at the next start',
    };
    const page = readFileSync(new URL('../../../docs/reload.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| (`[^|]*`) \| ([^|]*) \|$/gm)].map(([, ...row]) => row);
    expect(rows).toEqual(
      settings.map(({ options, takesEffect }) => [
        options.map((option) => `\`${option}\``).join(', '),
        words[takesEffect],
      ]),
    );
  });

  const start = aConfig({
    purge: { delay: millis(1), flowingDelay: millis(1), chunk: 0 },
    bounds: { ...aConfig().bounds, retain: millis(1) },
    admin: { hasConsole: true, users: [], tls: { certFile: 'cert.pem', keyFile: 'key.pem' } },
  });
  /** Whatever stands there, another value of its kind. */
  function otherwise(value: unknown): unknown {
    if (typeof value === 'number') return value + 1;
    if (typeof value === 'string') return `${value}x`;
    if (typeof value === 'boolean') return !value;
    if (Array.isArray(value)) return [...(value as readonly unknown[]), 'another'];
    if (typeof value !== 'object' || value === null) return 'something';
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, otherwise(each)]));
  }

  it('leaves out no part of the configuration', () => {
    for (const [part, of] of Object.entries<unknown>({ ...start })) {
      if (part === 'pumps') continue;
      const members =
        typeof of === 'object' && of !== null && part !== 'redis' && part !== 'admin'
          ? Object.keys(of)
          : [undefined];
      for (const member of members) {
        // Goes with `retained_bytes`, of which it says whether somebody said it.
        if (member === 'isRetainedSet') continue;
        const other = otherwise(
          member === undefined
            ? of
            : Object.entries(of as object).find(([name]) => name === member)?.[1],
        );
        const changed = {
          ...start,
          [part]: member === undefined ? other : { ...(of as object), [member]: other },
        };
        expect(changedSettings(start, changed), `${part}.${member}`).toHaveLength(1);
      }
    }
  });

  it('keeps what takes effect at the next start as it was, and nothing else', () => {
    const read = otherwise(start) as Config;
    const now = inForce(start, read);
    const changed = changedSettings(start, now).flatMap(({ options }) => options);
    const waiting = changedSettings(now, read).flatMap(({ options }) => options);
    expect(waiting).toEqual(
      settings
        .filter(({ takesEffect }) => takesEffect === 'start')
        .flatMap(({ options }) => options),
    );
    expect(changed).toEqual(said.filter((option) => !waiting.includes(option)));
  });

  it('leaves a port that speaks HTTP or HTTPS as it is until the next start', () => {
    const { admin } = start;
    const plain = { ...start, admin: { ...admin, hasConsole: false, tls: undefined } };
    const files = ['sluice.admin.tls_cert_file', 'sluice.admin.tls_key_file'];
    expect(inForce(start, plain).admin).toEqual({ ...admin, hasConsole: false });
    expect(waitingOptions(start, plain)).toEqual(files);
    expect(inForce(plain, start).admin).toEqual({ ...admin, tls: undefined });
    expect(waitingOptions(plain, start)).toEqual(files);
    expect(waitingOptions(start, start)).toEqual([]);
  });

  it('is found by what was said, not by how', () => {
    expect(changedSettings(start, { ...start })).toEqual([]);
    const later = {
      ...start,
      bounds: { ...start.bounds, retainedBytes: bytes(7) },
      delivery: { ...start.delivery, lease: millis(7) },
    };
    expect(changedSettings(start, later).map(({ options }) => options[0])).toEqual([
      'sluice.retained_bytes',
      'sluice.lease',
    ]);
  });
});
