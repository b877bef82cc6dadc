/** Every process pays for what it loads at its start: time before the first record, and memory as long as it lives. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pumpTypes } from '../pumps/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Packages that a module imports, itself or by what it imports, before anything has been asked of it. */
function packagesOf(module: string): readonly string[] {
  const [packages, seen] = [new Set<string>(), new Set<string>()];
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const imports = readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (?!type )(?:[^;]*? from )?'([^']+)';/gm,
    );
    for (const [, from = ''] of imports)
      if (from === '#pump') visit(path.join(root, 'src/pump/index.ts'));
      else if (from.startsWith('.')) visit(path.join(path.dirname(file), from));
      else if (!from.startsWith('node:')) packages.add(from);
  };
  visit(path.join(root, module));
  return [...packages].sort();
}

describe('what is loaded at the start', () => {
  it.each(['src/main.ts', 'src/worker.ts'])('is in %s what every configuration needs', (module) => {
    expect(packagesOf(module)).toEqual(['convict', 'ioredis', 'prom-client']);
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
});
