/** Every process pays for what it loads at its start: time before the first record, and memory as long as it lives. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pumpTypes } from '../pumps/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Modules that a module imports, itself or by what it imports, before anything has been asked of it. */
function modulesOf(module: string): readonly string[] {
  const seen = new Set<string>();
  walk(module, seen, new Set());
  return [...seen].map((file) => path.relative(root, file));
}

/** Packages that a module imports, itself or by what it imports, before anything has been asked of it. */
function packagesOf(module: string): readonly string[] {
  const packages = new Set<string>();
  walk(module, new Set(), packages);
  return [...packages].sort();
}

function walk(module: string, seen: Set<string>, packages: Set<string>): void {
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const imports = readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (?!type )(?:[^;]*? from )?'([^']+)';/gm,
    );
    for (const [, from = ''] of imports)
      if (from === '#pump' || from === '#model' || from === '#traffic')
        visit(path.join(root, 'src', from.slice(1), 'index.ts'));
      else if (from.startsWith('.')) visit(path.join(path.dirname(file), from));
      else if (!from.startsWith('node:')) packages.add(from);
  };
  visit(path.join(root, module));
}

describe('what is loaded at the start', () => {
  it.each(['src/main.ts', 'src/worker.ts'])('is in %s what every configuration needs', (module) => {
    expect(packagesOf(module)).toEqual(['convict', 'ioredis', 'prom-client']);
  });

  it.each(['src/main.ts', 'src/worker.ts'])('is in %s nothing that StatsD is told by', (module) => {
    const modules = modulesOf(module);

    expect(modules).toContain('src/telemetry/metrics.ts');
    expect(modules.filter((file) => file.startsWith('src/telemetry/instruments/'))).toEqual([]);
  });

  it.each(['src/main.ts', 'src/worker.ts'])('is in %s nothing that OTLP is sent by', (module) => {
    const modules = modulesOf(module).filter((file) => file.startsWith('src/telemetry/'));

    expect(modules).toContain('src/telemetry/log.ts');
    expect(modules.filter((file) => file.startsWith('src/telemetry/otlp/'))).toEqual([]);
  });

  it('is of a pump its client library, and no HTTP library before the first request', () => {
    const own = (type: string): readonly string[] =>
      packagesOf(`pumps/${type}/index.ts`).filter((name) => name !== 'convict');
    const loaded = pumpTypes.map((type) => [type, own(type)] as const);

    expect(Object.fromEntries(loaded.filter(([, packages]) => packages.length > 0))).toEqual({
      dogstatsd: ['hot-shots'],
      elasticsearch: ['@elastic/transport/connection', '@elastic/transport/pool'],
    });
  });

  it('is of a package that is loaded later a file that names what is used of it', () => {
    // In the bundle a package of the older kind that is imported by its own name has nothing but a default.
    const direct = pumpTypes.flatMap((type) =>
      readdirSync(path.join(root, 'pumps', type))
        .filter((name) => name.endsWith('.ts') && !/(?:test|testing)\.ts$/.test(name))
        .filter((name) =>
          /await import\('(?!\.|node:)/.test(
            readFileSync(path.join(root, 'pumps', type, name), 'utf8'),
          ),
        )
        .map((name) => `${type}/${name}`),
    );

    expect(direct).toEqual([]);
  });
});
