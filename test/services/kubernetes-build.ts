import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { userCache, versionOf } from '../../scripts/lib/user-cache.mjs';
import { needGoModule } from './go.ts';
import { kubernetesReleases } from './kubernetes-schemas.ts';
import { Unavailable } from './process.ts';

const run = promisify(execFile);
const source = fileURLToPath(new URL('kubernetes/', import.meta.url));
/** Nine minutes of a core; a quarter of an hour where it has to share. */
const buildLimit = 3_600_000;
const release = kubernetesReleases[1];

/**
 * The program of kubernetes/main.go. Throws `Unavailable` where it is not on this machine, unless SLUICE_BUILD_KUBERNETES is
 * set: then it is built, by Go.
 */
export async function needKubernetes(): Promise<string> {
  const home = userCache('kubernetes', `${release}-${versionOf(source)}`);
  const program = path.join(home, 'kubernetes');
  if (existsSync(program)) return program;
  if ((process.env['SLUICE_BUILD_KUBERNETES'] ?? '') === '')
    throw new Unavailable(
      `This machine has no kube-apiserver ${release}; SLUICE_BUILD_KUBERNETES=1 builds it, in five to fifteen minutes.`,
    );
  await mkdir(path.dirname(home), { recursive: true });
  const fresh = await mkdtemp(`${home}-`);
  try {
    console.warn(`Building kube-apiserver ${release} with Go.`);
    await build(fresh);
    await rename(fresh, home);
  } catch (error) {
    if (!existsSync(home))
      throw new Unavailable(`kube-apiserver cannot be built: ${String(error)}`);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return program;
}

async function build(folder: string): Promise<void> {
  await cp(source, folder, { recursive: true });
  await writeFile(path.join(folder, 'go.mod'), await moduleFile());
  const options = { cwd: folder, timeout: buildLimit, env: { ...process.env, CGO_ENABLED: '0' } };
  await run('go', ['mod', 'tidy'], options);
  await run('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', 'kubernetes', '.'], options);
}

/** The modules that Kubernetes's own repository has beside it are published one by one, under another number. */
async function moduleFile(): Promise<string> {
  const sources = await needGoModule('k8s.io/kubernetes', release);
  const text = await readFile(path.join(sources, 'go.mod'), 'utf8');
  const number = release.replace('v1.', 'v0.');
  const beside = [...text.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging\//gm)].map(
    ([, name = '']) => `replace ${name} => ${name} ${number}`,
  );
  const [, go = ''] = /^go (\S+)$/m.exec(text) ?? [];
  return [
    ...['module kubernetes', `go ${go}`, `require k8s.io/kubernetes ${release}`],
    ...beside,
    '',
  ].join('\n');
}
