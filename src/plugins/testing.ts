import { FakeClock } from '../lib/fake-clock.testing.ts';
import { bytes, millis } from '../lib/units.ts';
import { definePump, type PumpDefinition } from '../pump/define-pump.ts';
import { Delivery } from '../pump/delivery.ts';
import { delivered } from '../pump/verdict.ts';
import type { Modules } from './node-modules.ts';
import { type PluginParts, withPlugins } from './plugins.ts';

export const folder = '/etc/sluice';

/** A definition that works, but for what a test says. Not typed: a plugin's author may have had no compiler. */
export const aDefinition = (over: object = {}): object => ({
  apiVersion: 1,
  type: 'mine',
  title: 'Mine',
  summary: 'Mine.',
  options: {},
  limits: { records: 10, bytes: bytes(1_000), age: millis(0), inFlight: 1 },
  repeats: 'harmless',
  guarantee: 'at-least-once',
  open: () => Promise.resolve(aSink()),
  ...over,
});

export const aSink = (over: object = {}): object => ({
  deliver: (batch: Parameters<typeof Delivery.whole>[0]) =>
    Promise.resolve(Delivery.whole(batch, delivered())),
  check: () => Promise.resolve({ state: 'up' }),
  close: () => Promise.resolve(),
  ...over,
});

export const aPump = (over: object = {}): object =>
  definePump(aDefinition(over) as PumpDefinition<Record<string, never>>);

export interface World {
  /** What each file exports: a promise that it loads by, or the error it fails with. */
  readonly files: Readonly<Record<string, () => Promise<unknown>>>;
  /** Packages by the folder they are found from: the file. */
  readonly packages?: Readonly<Record<string, string>>;
}

/** Plugins of a disk that is none. */
export function aFinder({ files, packages = {} }: World, over: Partial<PluginParts> = {}) {
  const imports: string[] = [];
  const clock = new FakeClock();
  const modules: Modules = {
    findPackage(name, from) {
      const file = packages[`${from} ${name}`];
      if (file !== undefined) return `file://${file}`;
      throw Object.assign(new Error(`Cannot find package '${name}'`), {
        code: 'ERR_MODULE_NOT_FOUND',
      });
    },
    isFile: (file) =>
      files[file] === undefined
        ? Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' }))
        : Promise.resolve(!file.endsWith('/')),
    import(url) {
      imports.push(url);
      return files[url.slice('file://'.length)]?.() ?? Promise.reject(new Error('not there'));
    },
  };
  const located: PluginParts['located'] = new Map();
  const findPump = withPlugins({
    findPump: (type) => Promise.resolve({ outcome: type === 'sql' ? 'missing' : 'unknown' }),
    taken: ['csv', 'sql'],
    modules,
    clock,
    located,
    ...over,
  });
  const find = (type: string, isAllowed = true) => findPump(type, { folder, isAllowed });
  return { findPump, find, imports, clock, located };
}
